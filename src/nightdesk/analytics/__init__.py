"""Floor 4, the catalogue of statistics over trades, returns and system figures.

The door: a statistic takes words of `model` and answers a value, or None with a reason. Pure.
"""
