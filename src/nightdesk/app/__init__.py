"""The desk itself: settings, wiring, one short method a use case, one task group."""
