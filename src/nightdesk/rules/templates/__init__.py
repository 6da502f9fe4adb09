"""Texts of rules: Go's text/template with the functions of Prometheus, bounded in steps, depth and size."""
