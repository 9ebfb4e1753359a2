"""The verbs that command line and web both call: they return data and print nothing."""
