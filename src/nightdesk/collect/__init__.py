"""Gathering: the loop that asks every collector on its own schedule, and the ways samples come in."""
