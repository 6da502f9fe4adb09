"""PromQL, 3.x semantics: text to tree to matrices (series x steps). Pure: no clock, no store, no async."""
