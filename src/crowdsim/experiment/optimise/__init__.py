"""The cheapest layout that passes: what is varied, an estimate by hand, a search, and what was shown of its answer."""
