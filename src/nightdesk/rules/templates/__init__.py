"""Texts of rules: the part of Go's templates that rule files use, bounded and without logic."""
