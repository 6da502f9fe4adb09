"""Aggregations: groups of rows into one, and the picking of rows."""
