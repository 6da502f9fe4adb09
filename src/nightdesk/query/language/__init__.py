"""PromQL as text: from characters to a tree whose nodes know their spans, and back."""
