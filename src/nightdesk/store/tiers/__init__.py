"""Tiers: what series did in each 5 m and each 1 h, kept long after their samples have gone."""
