"""Many expressions of one shape, answered as one: selectors read once, vectors side by side, the answer handed out."""
