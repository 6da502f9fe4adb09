"""Floor 5, the day and the tearsheet as values, and their renderers.

The door: a report is a value built from answers of `analytics`; a renderer makes HTML or Markdown of it. Pure.
"""
