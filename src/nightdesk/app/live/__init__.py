"""What goes on now, told to everybody who listens."""
