"""Binary operators: arithmetic and comparison with matching, and the set operators."""
