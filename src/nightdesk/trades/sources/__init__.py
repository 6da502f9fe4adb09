"""Where rows of the ledger come from: one file a kind of source, one explicit table of them."""
