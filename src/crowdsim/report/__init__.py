"""Pictures of a venue and of a run."""

from crowdsim.report.plan import draw_plan
from crowdsim.report.plots import Plots, write_plots

__all__ = ["Plots", "draw_plan", "write_plots"]
