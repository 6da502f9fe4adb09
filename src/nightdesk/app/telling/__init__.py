"""What a running desk tells of itself: asks every part how it stands, for its figures, for the live stream."""
