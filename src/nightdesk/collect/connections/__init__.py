"""Established TCP connections: of this machine, or of the processes and targets that are watched."""
