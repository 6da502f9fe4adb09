"""One answer out of the head and the day files."""
