"""Examining a desk from outside: `nightdesk doctor`."""
