"""The sockets through which rooms meet, as Protocols of at most three methods; only `app/wiring.py` knows both ends.

Each has one honest fake in `nightdesk.testing` and one contract suite that every implementation and its fake must pass.
"""
