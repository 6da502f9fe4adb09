"""The desk's own figures: what they are called, where they come from, and the two forms they are told in."""
