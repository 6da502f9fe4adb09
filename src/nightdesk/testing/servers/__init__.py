"""Real servers of a test's own on loopback, and waiting for them."""
