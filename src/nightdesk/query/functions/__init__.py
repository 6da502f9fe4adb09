"""PromQL's functions by family; `table` is the one place that names them all."""
