from . import (
    cartera_note_wizard,
    account_move_reversal,
    account_debit_note,
    cartera_note_reject,
    cartera_currency_conversion,
    cartera_note_report,
    cartera_hold_force,
    cartera_hold_reject,
    cartera_hold_release,
    cartera_setup,
)
