"""What a desk measures: its collectors as the settings ask for them, and the ten vitals with their reasons."""
