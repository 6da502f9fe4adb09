"""Floor 4, rules: files people write, one pure step that judges, and the thread that keeps time."""
