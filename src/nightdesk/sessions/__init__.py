"""Floor 3, market calendars: session time between two instants, so that a closed market is no outage.

The door: `for`, staleness and objectives ask for milliseconds in session between two instants; calendars come in as
sorted arrays of opens and closes. Pure.
"""
