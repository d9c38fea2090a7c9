from . import (
    cartera_note_wizard,
    account_move_reversal,
    account_debit_note,
    cartera_hold_force,
    cartera_hold_reject,
    cartera_hold_release,
    cartera_reason,
    cartera_setup,
    cartera_interest_fee_add,
    cartera_interest_quote,
    cartera_interest_waive,
)
