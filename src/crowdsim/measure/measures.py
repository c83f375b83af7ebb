"""All measures of a run, taken in one pass over its recording."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from crowdsim.measure.areas import AreaMeter, AreaSeries
from crowdsim.measure.attendance import Attendance, measure_attendance
from crowdsim.measure.capacity import ExitUse, Overflow, measure_exits, measure_overflow
from crowdsim.measure.contact import NO_BODIES, Contact, ContactMeter
from crowdsim.measure.egress import Egress, measure_egress, spread
from crowdsim.measure.exposed import Exposed, ExposedMeter
from crowdsim.measure.flows import Flow, FlowMeter
from crowdsim.measure.grid import DensityGrid
from crowdsim.measure.interventions import list_interventions
from crowdsim.measure.maps import EXPOSURE_LEVELS_PER_M2, CrowdMaps, MapMeter
from crowdsim.measure.moments import GridMoments
from crowdsim.measure.occupancy import Occupancy, OccupancyMeter
from crowdsim.measure.oscillation import Oscillation, OscillationMeter
from crowdsim.measure.parties import PartyMeter
from crowdsim.measure.pressure import CrowdPressure, PressureMeter
from crowdsim.measure.queues import ServiceUse, measure_queues
from crowdsim.measure.service_levels import ServiceLevelMeter, ServiceSeries
from crowdsim.measure.spells import PlaceExposureMeter, SpellMeter, TimeAbove
from crowdsim.measure.steps import walk
from crowdsim.measure.stewards import count_told
from crowdsim.measure.streams import StreamMeter, Streams
from crowdsim.measure.windows import WindowMeter, Windows
from crowdsim.record.layout import CONFIG, VENUE
from crowdsim.record.recording import Recording
from crowdsim.scenario.criteria import DensityExposureCriterion, TimeAboveCriterion


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything measured of a run.

    Attributes
    ----------
    time_above : by level of density [1/m2]: those of `exposure_by_level` in the maps.
    exposure_by_place : person-seconds above each level of density [1/m2], in every zone and area by name.
    contact : None if bodies do not press each other in the run's movement model.
    exits, overflow : by name of the exit, and of the service.
    service_levels : person-seconds by context (walkway, queue, stair) and level of service (A to F).
    service_series : the same over time.
    exposed : who was above a density when and where, by the levels [1/m2] of criteria on exposure.
    grid : that the maps are on.
    """

    maps: CrowdMaps
    flows: dict[str, Flow]
    areas: dict[str, AreaSeries]
    egress: Egress
    queues: dict[str, ServiceUse]
    parties: dict[str, Any] | None
    programme: dict[str, Attendance]
    occupancy: dict[str, Occupancy]
    windows: Windows
    time_above: dict[float, TimeAbove]
    exposure_by_place: dict[str, dict[float, float]]
    service_levels: dict[str, dict[str, float]]
    pressure: CrowdPressure
    streams: Streams
    oscillation: Oscillation
    contact: Contact | None
    exits: dict[str, ExitUse]
    overflow: dict[str, Overflow]
    service_series: ServiceSeries
    exposed: dict[float, Exposed]
    grid: DensityGrid


def measure(recording: Recording) -> Measures:
    """Measure a run from its folder alone; memory does not grow with the length of the run."""
    criteria = recording.scenario.config.criteria.values()
    asked = {c.above_per_m2 for c in criteria if isinstance(c, (DensityExposureCriterion, TimeAboveCriterion))}
    levels = tuple(sorted({*EXPOSURE_LEVELS_PER_M2, *asked}))
    on_average = {c.above_per_m2 for c in criteria if isinstance(c, DensityExposureCriterion)}
    config = recording.scenario.config.measure
    moments = GridMoments(recording, config.cell_m, config.smoothing_m)
    maps, windows = MapMeter(moments.grid, levels), WindowMeter(moments.grid, config.window_s, recording.simulated_s)
    spells, places = SpellMeter(moments.grid, levels), PlaceExposureMeter(recording, levels)
    service_levels = ServiceLevelMeter(recording, moments.grid)
    exposed = ExposedMeter(moments.grid, recording.attendees.num_rows, tuple(sorted(on_average)))
    pressure, streams = PressureMeter(recording), StreamMeter(recording, moments.grid)
    oscillation, contact = OscillationMeter(recording, moments.grid), ContactMeter(recording)
    flows, areas, parties = FlowMeter(recording), AreaMeter(recording), PartyMeter(recording)
    occupancy = OccupancyMeter(recording)
    for step in walk(recording):
        if step.frame.id.size:
            moment = moments.at(step)
            for meter in (maps, windows, spells, places, service_levels, exposed, streams, oscillation):
                meter.take(moment)
        pressure.take(step)
        contact.take(step)
        flows.take(step)
        areas.take(step)
        parties.take(step)
        occupancy.take(step)
    crossed, egress, queues = flows.result(), measure_egress(recording), measure_queues(recording)
    return Measures(
        maps.result(),
        crossed,
        areas.result(),
        egress,
        queues,
        parties.result(),
        measure_attendance(recording),
        occupancy.result(),
        windows.result(),
        spells.result(),
        places.result(),
        service_levels.result(),
        pressure.result(),
        streams.result(),
        oscillation.result(),
        contact.result(),
        measure_exits(recording, crossed, egress),
        measure_overflow(recording, queues),
        service_levels.series(),
        exposed.result(),
        moments.grid,
    )


CALIBRATED_TO_PER_M2 = 5.0
"""The movement models are fitted to experiments up to about this density (docs/models.md): beyond, they extrapolate."""


def _validity(measures: Measures) -> dict[str, Any]:
    """Return whether densities left the range that the movement models are calibrated for, and for how long."""
    densest = measures.maps.density.value if measures.maps.density else 0.0
    return {
        "calibrated_to_per_m2": CALIBRATED_TO_PER_M2,
        "extrapolated": densest > CALIBRATED_TO_PER_M2,
        "person_s_beyond": measures.maps.exposure_by_level[CALIBRATED_TO_PER_M2],
    }


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
        "exposure_by_place_person_s": {
            place: {f"{level:g}": exposure[level] for level in EXPOSURE_LEVELS_PER_M2}
            for place, exposure in measures.exposure_by_place.items()
        },
        "time_above": {f"{level:g}": measures.time_above[level].summary(recording) for level in EXPOSURE_LEVELS_PER_M2},
        "level_of_service_person_s": measures.service_levels,
        "validity": _validity(measures),
        "pressure": {
            "max_per_s2": maps.pressure.value if maps.pressure else None,
            "at": maps.pressure.at(recording) if maps.pressure else None,
        },
        "crowd_pressure": measures.pressure.summary(recording),
        "streams": measures.streams.summary(recording),
        "oscillation": measures.oscillation.summary(recording),
        "contact": measures.contact.summary(recording) if measures.contact else {"reason": NO_BODIES},
        "exit_capacity": {name: use.summary() for name, use in measures.exits.items()},
        "queue_overflow": {name: overflow.summary() for name, overflow in measures.overflow.items()},
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
