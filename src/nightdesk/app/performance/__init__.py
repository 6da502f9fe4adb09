"""From the ledger to figures: which rows a report is about, what its returns are made of, and every figure of it."""
