"""Keeping: what stays and what goes (retention, deletion), and whether it is sound (snapshot, verify)."""
