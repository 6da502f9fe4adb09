"""Channels: one file each, run inside the sender process; `table.py` lists them."""
