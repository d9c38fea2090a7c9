from . import (
    cartera_credit_hold,
    cartera_note_request,
    res_company,
    res_config_settings,
    sale_order,
    sale_order_line,
    stock_move,
    stock_picking_credit,
    stock_picking,
)
