"""Generated books and the speed of the suite on them: ``./cartera bench``."""
