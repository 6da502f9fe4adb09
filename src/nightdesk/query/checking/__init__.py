"""What a query means before it runs: which functions there are for it, and whether its types fit."""
