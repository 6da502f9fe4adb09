"""The journal that stands before all day files: what is written to it, and what a start makes of it."""
