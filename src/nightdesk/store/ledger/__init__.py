"""The ledger on disk: every row of trading once, its older forms beside it; tables drawn in docs/format/ledger.md."""
