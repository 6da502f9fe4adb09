"""How the desk itself stands."""
