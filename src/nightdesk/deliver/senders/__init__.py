"""Processes that send and can be killed: how they are kept, what goes in and out, and what runs inside."""
