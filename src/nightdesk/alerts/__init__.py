"""Floor 4, alerts: the book of live alerts, who is told, what holds a message back. Instants are arguments."""
