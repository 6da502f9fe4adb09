"""NPUs and GPUs: one file a family of drivers, behind one socket; what cannot be measured is named, never guessed."""
