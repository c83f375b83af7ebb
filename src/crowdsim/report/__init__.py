"""Pictures of a venue and of a run."""

from crowdsim.report.distances import draw_distances
from crowdsim.report.plan import draw_plan
from crowdsim.report.plots import Plots, write_plots

__all__ = ["Plots", "draw_distances", "draw_plan", "write_plots"]
