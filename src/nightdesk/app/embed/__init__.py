"""The public classes: a desk inside somebody else's asyncio program, or beside one as its client.

A thin layer over the rooms that `nightdesk up` runs: one alert path, one store, one set of figures. docs/embed.md.
"""
