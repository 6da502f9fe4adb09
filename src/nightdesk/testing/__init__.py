"""Public test kit: a manual clock, builders, one honest fake a socket, contract suites, the night language."""
