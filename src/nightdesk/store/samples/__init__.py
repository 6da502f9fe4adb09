"""Samples: a journal, a head in memory, and one SQLite file a day with compressed chunks (docs/samples.md)."""
