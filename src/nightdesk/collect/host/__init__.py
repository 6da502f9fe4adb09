"""The machine itself, under the names of node_exporter; one family of metrics a file."""
