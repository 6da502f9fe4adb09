"""Making files of buckets: of days of samples, hours of days, and anew without what was deleted; in which steps."""
