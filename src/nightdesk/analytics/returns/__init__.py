"""Statistics of a record of returns."""
