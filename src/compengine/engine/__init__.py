"""The columnar engine: typed plan × snapshot → credits → measures → earnings → payables.

Each stage takes frames and returns frames; there is no Python loop over rows. The only loops run over rules, bands,
levels of a hierarchy and distinct dates. Numbers are `Decimal(38, 12)` throughout.
"""
