"""Channels: one file each, run inside a sender process."""
