"""What is owed and paid, on an append-only, hash-chained, double-entry ledger.

`runs` records calculations and approvals, `book` posts and pays, `queries` reads, `verify` checks everything.
"""
