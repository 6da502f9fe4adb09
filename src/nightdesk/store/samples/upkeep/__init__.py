"""What keeps the store in order: sealing, compaction, retention, the quota, and the wall clock it trusts."""
