"""Deleting by selectors: a durable tombstone masks samples at once, and is cleaned out of the files by and by."""
