"""Outside the floors: what a bot imports. Standard library only, knows no other room, never blocks or raises.

The door: it writes to a running desk over its HTTP intake.
"""
