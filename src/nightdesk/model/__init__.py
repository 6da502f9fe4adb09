"""Floor 0, the words: frozen values that every room above speaks in. No I/O, no clock, no third room."""
