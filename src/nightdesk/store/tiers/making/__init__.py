"""Making buckets of days of samples, and hours of days: when, and in which steps."""
