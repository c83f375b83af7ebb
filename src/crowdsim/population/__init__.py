"""Who comes, when, from where, how fast, and what they do: drawn once, before the run."""

from crowdsim.population.plan import Population, plan_population

__all__ = ["Population", "plan_population"]
