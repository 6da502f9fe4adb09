"""The command line: one file a command; it talks to a running desk over HTTP, or reads the data folder itself."""
