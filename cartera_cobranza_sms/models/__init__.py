from . import (
    cartera_collection_step,
    cartera_collection_action,
)
