from . import cartera_aging, interest, portal_promise, workbooks
