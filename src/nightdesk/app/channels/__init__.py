"""Channels of a desk: made from its settings, listed, tested, confirmed, and used by programs by name."""
