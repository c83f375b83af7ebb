"""All that a replay needs, ready to be written into a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from crowdsim.record.recording import Recording
from crowdsim.report.colourings import COLOURINGS, GROUP, SPEED, group_colours
from crowdsim.report.replay.chunks import CHUNK_FRAMES, chunk_count, last_frame, origin_m, read_chunks
from crowdsim.report.replay.packing import Packed
from crowdsim.report.replay.people import pack_events, pack_people
from crowdsim.report.replay.scene import describe_scene, pack_grid
from crowdsim.report.replay.thinning import Thinning, choose_thinning

SCRIPTS = ("unpack.js", "density.js", "colours.js", "view.js", "draw.js", "story.js", "player.js")
"""The JavaScript, in the order in which it is put together."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay: what goes into the page.

    Attributes
    ----------
    head : names, plan and figures, as JSON.
    blocks : packed columns by the id that the page's script finds them by.
    chunks : how many there are.
    """

    head: dict[str, Any]
    blocks: dict[str, Packed]
    chunks: int
    thinning: Thinning
    recording: Recording

    def read_chunks(self) -> Iterator[Packed]:
        """Yield the trajectories, stretch after stretch, read from the run folder as they are asked for."""
        return read_chunks(self.recording, self.thinning)


def make_replay(recording: Recording) -> Replay:
    """Return the replay of a run, thinned to its budget; trajectories are read when they are asked for."""
    thinning = choose_thinning(recording)
    names, people = pack_people(recording, thinning)
    of_events, events = pack_events(recording, thinning)
    grid, cover = pack_grid(recording, thinning)
    head = {
        "frame_s": thinning.frame_s,
        "frames": last_frame(recording, thinning) + 1,
        "chunk_frames": CHUNK_FRAMES,
        "unit_m": thinning.unit_m,
        "origin": list(origin_m(recording)),
        "one_in": thinning.one_in,
        "end_s": recording.simulated_s,
        "names": names | of_events,
        "scene": describe_scene(recording.venue),
        "grid": grid,
        "colourings": _colourings(names["group"]),
    }
    blocks = {"people": people, "events": events, "cover": cover}
    return Replay(head, blocks, chunk_count(recording, thinning), thinning, recording)


def _colourings(groups: list[str]) -> dict[str, Any]:
    """Return what people are coloured by, as the page's script wants it."""
    ways = {name: dataclasses.asdict(way) | {"key": way.key} for name, way in COLOURINGS.items()}
    ways["speed"]["title"] = f"{SPEED.title}, mean over two frames"
    return ways | {GROUP: {"title": "Group", "colours": group_colours(groups), "key": groups}}


def script() -> str:
    """Return the replay's JavaScript."""
    folder = files("crowdsim.report.replay")
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)
