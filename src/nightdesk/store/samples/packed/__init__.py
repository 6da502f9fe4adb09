"""Packed day files: a whole day of many series, as small as it gets and read a slice at a time."""
