"""What must survive anything: alerts, their history, and messages on their way out."""
