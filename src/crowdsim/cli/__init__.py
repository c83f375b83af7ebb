"""The command line: what users and CI call."""
