"""Sums, extremes and quantiles of windows: arrays in, arrays out."""
