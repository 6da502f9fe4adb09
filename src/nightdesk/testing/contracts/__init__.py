"""Contract suites: what every implementation of a socket, and its fake, guarantees."""
