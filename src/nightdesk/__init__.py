"""Nightdesk: the night desk of an automated trading system."""

__version__ = "0.1.0"
