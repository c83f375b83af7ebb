"""All measures of a run, taken in one pass over its recording."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from crowdsim.measure.areas import AreaMeter, AreaSeries
from crowdsim.measure.attendance import Attendance, measure_attendance
from crowdsim.measure.egress import Egress, measure_egress, spread
from crowdsim.measure.flows import Flow, FlowMeter
from crowdsim.measure.interventions import list_interventions
from crowdsim.measure.maps import EXPOSURE_LEVELS_PER_M2, CrowdMaps, MapMeter
from crowdsim.measure.moments import GridMoments
from crowdsim.measure.parties import PartyMeter
from crowdsim.measure.queues import ServiceUse, measure_queues
from crowdsim.measure.steps import walk
from crowdsim.measure.stewards import count_told
from crowdsim.measure.windows import WindowMeter, Windows
from crowdsim.record.layout import CONFIG, VENUE
from crowdsim.record.recording import Recording
from crowdsim.scenario.criteria import DensityExposureCriterion


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything measured of a run."""

    maps: CrowdMaps
    flows: dict[str, Flow]
    areas: dict[str, AreaSeries]
    egress: Egress
    queues: dict[str, ServiceUse]
    parties: dict[str, Any] | None
    programme: dict[str, Attendance]
    windows: Windows


def measure(recording: Recording) -> Measures:
    """Measure a run from its folder alone; memory does not grow with the length of the run."""
    levels = tuple(
        criterion.above_per_m2
        for criterion in recording.scenario.config.criteria.values()
        if isinstance(criterion, DensityExposureCriterion)
    )
    config = recording.scenario.config.measure
    moments = GridMoments(recording, config.cell_m, config.smoothing_m)
    maps, windows = MapMeter(moments.grid, levels), WindowMeter(moments.grid, config.window_s, recording.simulated_s)
    flows, areas, parties = FlowMeter(recording), AreaMeter(recording), PartyMeter(recording)
    for step in walk(recording):
        if step.frame.id.size:
            moment = moments.at(step)
            maps.take(moment)
            windows.take(moment)
        flows.take(step)
        areas.take(step)
        parties.take(step)
    return Measures(
        maps.result(),
        flows.result(),
        areas.result(),
        measure_egress(recording),
        measure_queues(recording),
        parties.result(),
        measure_attendance(recording),
        windows.result(),
    )


def summarise(recording: Recording, measures: Measures, performance: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of `summary.json`, all but the verdict."""
    config = recording.scenario.config
    egress, maps = measures.egress, measures.maps
    files = ((recording.folder / name).read_bytes() for name in (CONFIG, VENUE))
    return {
        "crowdsim_version": version("crowdsim"),
        "scenario": recording.scenario.name,
        "status": recording.status,
        "seed": config.seed,
        "movement": config.movement.model,
        "config_sha256": hashlib.sha256(b"".join(files)).hexdigest(),
        "attendees": {
            "planned": egress.planned,
            "entered": int(egress.entry_s.size),
            "exited": int(egress.exit_s.size),
            "inside": int(egress.inside),
            "blocked": egress.blocked,
        },
        "duration_s": recording.simulated_s,
        "egress_time_s": egress.egress_time_s,
        "t50_s": egress.time_by_which_left(0.50),
        "t95_s": egress.time_by_which_left(0.95),
        "travel_time_s": spread(egress.travel_s),
        "delay_s": spread(egress.delay_s),
        "density": {
            "max_per_m2": maps.density.value if maps.density else 0.0,
            "at": maps.density.at(recording) if maps.density else None,
            "method": f"Gaussian, standard deviation {config.measure.smoothing_m:g} m, "
            f"walls corrected, cells of {config.measure.cell_m:g} m",
        },
        "exposure_person_s": {f"{level:g}": maps.exposure_by_level[level] for level in EXPOSURE_LEVELS_PER_M2},
        "pressure": {
            "max_per_s2": maps.pressure.value if maps.pressure else None,
            "at": maps.pressure.at(recording) if maps.pressure else None,
        },
        "windows": measures.windows.summary(recording),
        "flows": {name: flow.summary() for name, flow in measures.flows.items()},
        "areas": {name: series.summary() for name, series in measures.areas.items()},
        "queues": {name: use.summary() for name, use in measures.queues.items()},
        **({"parties": measures.parties} if measures.parties else {}),
        "programme": {name: attendance.summary() for name, attendance in measures.programme.items()},
        **({"stewards": count_told(recording)} if config.stewards else {}),
        "interventions": list_interventions(recording),
        "performance": performance,
    }
