"""What may be wrong with a template: with what is written, and with what comes of it."""


class BadTemplate(ValueError):
    """It cannot be read, nor could Prometheus unless the message says so; `start` is the faulty character's place."""

    def __init__(self, message: str, start: int = 0) -> None:
        """Keep the place for whoever names its line."""
        self.start = start
        super().__init__(message)


class CannotFill(ValueError):
    """It can be read but not filled in with what is known: no number, no such label, too much work."""
