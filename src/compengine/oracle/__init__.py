"""A second, independent reading of the language: row at a time, in plain decimals, to be read by an auditor.

It shares no code with the columnar engine beyond numbers, dates and rounding, so that a mistake of one shows as a
difference between the two. Section numbers in the docstrings are those of `docs/reference/language.md`.
"""
