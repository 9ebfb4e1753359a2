"""What everything is made of: exact numbers, currencies, dates and periods, rows, digests.

Nothing here reads a disk, a clock or a network.
"""
