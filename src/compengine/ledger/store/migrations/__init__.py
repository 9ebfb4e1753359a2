"""The history of the ledger's tables, for both databases. A migration that was released is never changed."""
