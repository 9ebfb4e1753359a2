"""The tables a plan may read: what the workspace declares, how files are read, how a snapshot is frozen."""
