"""The JSON of the desk's own: what `/api/desk/` answers, and what the command line prints where no desk runs."""
