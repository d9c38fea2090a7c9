from . import (
    cartera_note_request,
    sale_order,
    sale_order_line,
    stock_move,
    stock_picking,
)
