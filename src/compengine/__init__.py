"""Plain-text, provable pay: comp plans as checked text, an exact engine, an append-only ledger."""

__version__ = "0.1.0"
