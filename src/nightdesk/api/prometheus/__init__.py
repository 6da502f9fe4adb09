"""Prometheus' HTTP API, as its clients ask it."""
