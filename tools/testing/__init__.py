"""``./cartera test``: four stages, then the checks of logs, skips and numbers."""
