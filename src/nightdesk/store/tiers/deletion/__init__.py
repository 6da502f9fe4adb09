"""Deleting from tiers: noted durably, hidden at once, taken out of the files by and by."""
