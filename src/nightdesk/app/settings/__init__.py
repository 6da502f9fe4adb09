"""The settings of a desk: TOML in, one frozen value out, each fault with file, line and what would be right."""
