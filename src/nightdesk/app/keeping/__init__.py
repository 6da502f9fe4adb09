"""Keeping: deleting samples, and snapshots of the data folder."""
