"""A desk as a process: what starts in which order, what keeps it alive, how it stops."""
