"""Statistics of closed trades."""
