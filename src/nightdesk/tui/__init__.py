"""Floor 7, the terminal screen.

The door: it asks `app.desk.Desk`, over HTTP, for what the page Now asks.
"""
