from . import interest, portal_promise
