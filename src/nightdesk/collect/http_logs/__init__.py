"""HTTP access logs: followed as they grow, their requests counted by class of status."""
