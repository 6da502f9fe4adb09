"""Selectors: what is read for them, from samples, summaries or buckets, and how it is laid on the steps."""
