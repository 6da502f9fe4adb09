"""The head: the newest samples in memory, as lanes and runs, and the series they belong to."""
