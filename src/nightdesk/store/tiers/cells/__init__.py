"""Buckets in memory, and no file yet: sketched of samples, laid out as columns, added, blanked."""
