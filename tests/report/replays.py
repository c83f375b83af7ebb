"""Runs to report, and the packed replay read back independently of the page's script."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from measure.runs import Person, stander, write_run
from scenes import area, line, rectangle, scenario

from crowdsim.record import Recording
from crowdsim.report.replay.packing import Packed

RUDE = """</script><script>alert("1")</script> & 'son'"""
"""A title that must come out as text."""

UNTIL_S = 240.0


def walker(from_s: float, y: float, to_s: float) -> Person:
    """Return somebody who walks from left to right at constant speed and goes out."""
    return Person(((from_s, 1.0, y), (to_s, 40.0, y)), exit="out")


def walkers(folder: Path, **kwargs: Any) -> tuple[Recording, list[Person]]:
    """Return the run of six who walk through a hall and two who stay, for longer than a chunk of the replay."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 40, 20)),
        area("crowd", "zone", rectangle(1, 1, 10, 19)),
        line("out", "exit", (40, 2), (40, 18)),
    ]
    scene = scenario(features, {"all": {"start": "crowd", "count": 8}}, title=RUDE, description="Six walk, two <stay>.")
    people = [walker(20.0 * k, 3.0 + 2.5 * k, 20.0 * k + 60.3 + 10 * k) for k in range(6)]
    people += [stander(15.0, 10.0), stander(15.25, 10.0, from_s=33.0)]
    return write_run(folder, scene, people, until_s=UNTIL_S, **kwargs), people


def unpacked(packed: Packed) -> dict[str, np.ndarray]:
    """Return the columns of a block."""
    raw = zlib.decompress(base64.b64decode(packed.data))
    columns, at = {}, 0
    for name, kind, length in json.loads(json.dumps(packed.columns)):
        size = np.dtype(kind).itemsize * length
        columns[name] = np.frombuffer(raw[at : at + size], kind)
        at += size
    assert at == len(raw)
    return columns


def positions(packed: Packed) -> Iterator[tuple[int, int, int, int]]:
    """Yield person, frame in the chunk, x and y in units, of every position of a chunk, read one by one."""
    c = {name: values.tolist() for name, values in unpacked(packed).items()}
    step = 0
    for person, first, count, x, y in zip(c["person"], c["first"], c["count"], c["x0"], c["y0"], strict=True):
        here = x, y
        yield person, first, *here
        for k in range(1, count):
            dx, dy = (c[f"{axis}_low"][step] + 256 * c[f"{axis}_high"][step] for axis in ("dx", "dy"))
            here = (here[0] + dx) % 65536, (here[1] + dy) % 65536
            step += 1
            yield person, first + k, *here
    assert step == len(c["dx_low"])
