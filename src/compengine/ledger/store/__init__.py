"""The database under the ledger: its tables, and what is particular to each database product."""
