"""The desk's own figures: what they are called, and the two forms they are told in."""
