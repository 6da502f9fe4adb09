"""Probes: one file a kind, all behind one collector that counts, times and never raises for its target."""
