"""What a channel is told, and where it may not send."""
