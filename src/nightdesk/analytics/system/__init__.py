"""Figures of the system: how fast requests were, how many failed, how long targets were up. Instants are arguments."""
