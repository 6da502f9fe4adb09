"""Tier files: their format, how they are written, read and looked up."""
