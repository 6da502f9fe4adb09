"""Trading as use cases: rows come in, are read back as one book, and live sources are followed."""
