"""Samples from other programs: scraped, pushed, or written remotely; every body bounded before it is read."""
