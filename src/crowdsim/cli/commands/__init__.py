"""The commands: their options and what each does with them.

Heavy imports are made inside them, so that `crowdsim --help` and `crowdsim list` answer at once.
"""
