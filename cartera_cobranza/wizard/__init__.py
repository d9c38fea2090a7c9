from . import (
    cartera_note_wizard,
    account_move_reversal,
    account_debit_note,
    cartera_hold_force,
    cartera_hold_reject,
    cartera_hold_release,
    cartera_reason,
    cartera_setup,
    cartera_log_contact,
    cartera_case_pause,
    cartera_case_assign,
    cartera_collection_simulation,
)
