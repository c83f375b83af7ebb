"""Crowd quantities measured from a run folder: density, exposure, pressure, flow, egress."""

from crowdsim.measure.areas import AreaSeries
from crowdsim.measure.egress import Egress
from crowdsim.measure.flows import Flow
from crowdsim.measure.maps import CrowdMaps
from crowdsim.measure.measures import Measures, measure, summarise
from crowdsim.measure.windows import WindowMap, Windows

__all__ = [
    "AreaSeries",
    "CrowdMaps",
    "Egress",
    "Flow",
    "Measures",
    "WindowMap",
    "Windows",
    "measure",
    "summarise",
]
