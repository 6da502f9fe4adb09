"""Services that the library apprise speaks to, carried by a second kind of sender process, which alone loads it."""
