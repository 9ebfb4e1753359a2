"""From the text of a plan to a typed program: document, syntax, types, check.

After `check`, no type error can occur in an engine: units, grain, emptiness and what is known when are settled here.
"""
