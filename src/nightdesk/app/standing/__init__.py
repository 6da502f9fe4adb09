"""How the desk itself stands, and who works it out."""
