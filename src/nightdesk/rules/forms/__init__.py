"""Rule files as people write them: Prometheus' form and ours, read with the line of everything."""
