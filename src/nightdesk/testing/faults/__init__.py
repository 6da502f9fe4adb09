"""Instruments that break things on purpose: a recorder of what is written, a disk that loses its power."""
