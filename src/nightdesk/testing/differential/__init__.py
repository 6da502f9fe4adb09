"""Nightdesk beside a real Prometheus that scrapes and forwards: the same samples, the same questions, both answers."""
