"""Floor 3, where fills, orders and equity marks come in, are matched to trades and kept.

The door: sources hand over fills with the source's own sequence, and the ledger in `store` takes each exactly once.
"""
