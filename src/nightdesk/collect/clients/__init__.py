"""What bots send through `nightdesk.client`: read within limits, seated by process, made series and ledger rows."""
