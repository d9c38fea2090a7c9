from . import (
    cartera_hold_force,
    cartera_hold_reject,
    cartera_hold_release,
    cartera_reason,
    cartera_setup,
)
