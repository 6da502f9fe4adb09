"""Functions of PromQL answered from buckets of 5 m or 1 h instead of samples."""
