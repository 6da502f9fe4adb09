"""The folder of day files, and what every kind of day file can tell."""
