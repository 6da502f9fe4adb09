"""Bots as the desk sees them: what they push, and how they are doing."""
