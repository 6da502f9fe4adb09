"""The way out: outbox, lease, render, send, mark; senders are processes that can be killed."""
