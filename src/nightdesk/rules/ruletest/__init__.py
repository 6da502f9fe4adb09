"""Rule tests: the form of `promtool test rules`, run with the same step that judges by night."""
