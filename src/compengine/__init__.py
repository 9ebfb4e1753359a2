"""Plain-text, provable pay: comp plans as checked text, an exact engine, an append-only ledger."""

import os

# Columns come and go by the hundred megabytes: memory given back at once has to be asked for again. Polars reads this
# when it is loaded, so it stands before every other import; what the environment says already comes first.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:30000,muzzy_decay_ms:30000")

__version__ = "0.1.0"
