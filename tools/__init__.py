"""What stands behind ``./cartera``: preparing, testing and serving the suite."""
