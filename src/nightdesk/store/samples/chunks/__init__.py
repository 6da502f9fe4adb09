"""Chunks, and what a file of them can tell, whatever its format."""
