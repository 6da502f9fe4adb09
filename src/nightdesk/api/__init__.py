"""Floor 7, the HTTP face: translate, ask the desk, answer; nothing else."""
