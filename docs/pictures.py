"""Makes the pictures of drawing, arrivals, profiles and services: python docs/pictures.py [FOLDER] (docs/images)."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import yaml
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.ticker import MultipleLocator
from pydantic import TypeAdapter

from crowdsim.config.paths import CONFIGS, SCENARIOS, TEMPLATE
from crowdsim.population.arrivals import draw_due
from crowdsim.report.ground import area_patch
from crowdsim.scenario.arrival import CountTable
from crowdsim.scenario.feature import Feature, Fold
from crowdsim.scenario.geojson import read_features
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.venue.build import to_area
from crowdsim.venue.serpentine import fold_queue

STEPS = (
    ("1. Ground: walkable areas", ("walkable",)),
    ("2. What stands on it: obstacles", ("obstacle",)),
    ("3. Openings: doors and exits", ("door", "exit")),
    ("4. Where people start and go: zones", ("zone",)),
)
LOOKS: dict[str, dict[str, Any]] = {
    "walkable": {"fc": "#ffffff", "ec": "#3b4048"},
    "obstacle": {"fc": "#d3d5d9", "ec": "#8b9098", "hatch": "////"},
    "zone": {"fc": "#3d6f8e", "ec": "#3d6f8e", "alpha": 0.3},
}
OPEN, OLD, INK = "#1b7a5a", 0.35, "#26292e"
MIDDLE_M = 6.0
LABEL: dict[str, Any] = {"textcoords": "offset points", "fontsize": 7.5, "ha": "center", "va": "center", "color": INK}


def draw_steps(path: Path) -> None:
    """Draw how the small hall of `crowdsim new` is put together, in four steps."""
    features = read_features(SCENARIOS / TEMPLATE / "venue.geojson").features
    figure = Figure(figsize=(10, 5.6), dpi=120, facecolor="white", layout="constrained")
    before: list[Any] = []
    for axes, (title, kinds) in zip(figure.subplots(2, 2).flat, STEPS, strict=True):
        new = [feature for feature in features if feature.kind in kinds]
        for feature in (*before, *new):
            now = feature in new
            if feature.line:
                axes.plot(*zip(*feature.line, strict=True), color=OPEN, lw=4, alpha=1 if now else OLD)
                points = feature.line
            else:
                ring = feature.polygons[0][0]
                look = LOOKS[feature.kind]
                axes.fill(*zip(*ring, strict=True), **(look | {"alpha": look.get("alpha", 1.0) * (1 if now else OLD)}))
                points = ring[:-1]
            if now:
                axes.plot(*zip(*points, strict=True), "s", color=INK, ms=3.5)
                place = shapely.LineString(feature.line).centroid if feature.line else to_area(feature).centroid
                text = f"{feature.kind}\n{feature.name}"
                inwards = -14 if place.y > MIDDLE_M else 14
                beside = (0, 0) if feature.polygons else (-26, 0) if feature.kind == "door" else (0, inwards)
                axes.annotate(text, (place.x, place.y), beside, **LABEL)
        axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
        axes.set(xlim=(-1.5, 27.5), ylim=(-1.5, 13.5), aspect="equal", facecolor="#ebebe8")
        axes.tick_params(labelsize=7)
        before += new
    figure.savefig(path)


CURVES = {
    "staff": "constant",
    "passers_by": "poisson",
    "visitors": "table",
    "counted": "counts (dots: as counted)",
    "by_train": "pulses (grey: on time)",
    "guests": "no_show and late (grey: without)",
}
"""Groups of arrivals.md that have a chart, and what it shows."""

HOUR_MIN, SEED = 60, 1
BLUE, GREY = "#4477aa", "#a9adb4"


def draw_arrivals(path: Path) -> None:
    """Draw how many of each example on the page on arrivals have come over time."""
    page = (Path(__file__).parent / "arrivals.md").read_text(encoding="utf-8")
    groups: dict[str, Any] = {}
    for text in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        groups |= yaml.safe_load(text)["attendees"]
    figure = Figure(figsize=(10, 5.6), dpi=120, facecolor="white", layout="constrained")
    for axes, (name, title) in zip(figure.subplots(2, 3, sharex=True).flat, CURVES.items(), strict=True):
        group: AttendeeGroup = TypeAdapter(AttendeeGroup).validate_python(groups[name])
        plain = dataclasses.replace(group, no_show=0.0, late=None)
        if name == "by_train":
            plain = dataclasses.replace(group, arrival=dataclasses.replace(group.arrival, delay=None))
        for drawn, colour in ((plain, GREY), (group, BLUE)):
            minutes = draw_due(name, drawn, SEED) / 60
            time = np.concatenate([[0], minutes, [max(HOUR_MIN, *minutes)]])
            come = np.append(np.arange(minutes.size + 1), minutes.size)
            axes.step(time, come, where="post", color=colour, lw=1.8)
        if isinstance(group.arrival, CountTable):
            rows = group.arrival.rows
            edges = [*(row.from_s for row in rows), group.arrival.until_s]
            axes.plot(
                np.array(edges) / 60,
                np.cumsum([0, *(row.count for row in rows)]),
                "o",
                color=INK,
                ms=4.5,
                clip_on=False,
            )
        axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
        axes.set_xlim(0, HOUR_MIN)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MultipleLocator(15))
        axes.tick_params(labelsize=8, labelbottom=True)
        axes.grid(color="#e4e4e4", lw=0.7)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("minutes", fontsize=9, color=INK)
    figure.supylabel("people who have come", fontsize=9, color=INK)
    figure.savefig(path)


HEIGHT = 0.8
"""Of each curve, where rows are 1 apart."""


def draw_profiles(path: Path) -> None:
    """Draw how free speeds of the standard profiles are distributed, and bodies to scale."""
    profiles = yaml.safe_load((CONFIGS / "profiles/standard.yaml").read_text(encoding="utf-8"))
    figure = Figure(figsize=(9, 8.6), dpi=120, facecolor="white", layout="constrained")
    bodies, axes = figure.subplots(1, 2, sharey=True, width_ratios=(1, 5))
    speed = np.linspace(0, 2.4, 481)
    for row, profile in enumerate(profiles.values()):
        y, free = len(profiles) - 1 - row, profile["free_speed_m_s"]
        inside = (speed >= free["min"]) & (speed <= free["max"])
        density = np.where(inside, np.exp(-(((speed - free["mean"]) / free["sd"]) ** 2) / 2), 0)
        axes.fill_between(speed, y, y + HEIGHT * density, color="#3d6f8e", alpha=0.55, lw=0)
        axes.plot([free["mean"]] * 2, [y, y + HEIGHT], color=INK, lw=1.2)
        radius = profile["body_radius_m"]["mean"]
        bodies.add_patch(Circle((0.5, y + 0.42), radius, fc="#d3d5d9", ec=INK, lw=0.8))
        bodies.text(1.05, y + 0.42, f"{2 * radius:.2g} m", va="center", fontsize=8, color=INK)
    axes.axvline(profiles["adult"]["free_speed_m_s"]["mean"], color="#b91c1c", lw=0.8, ls="--", zorder=0)
    axes.set(xlim=(0, 2.4), xlabel="free speed on the level [m/s]")
    bodies.set(xlim=(0, 1.7), ylim=(-0.15, len(profiles)), aspect="equal")
    bodies.set_yticks(np.arange(len(profiles)) + 0.42, list(profiles)[::-1], fontsize=9)
    bodies.set_xticks([])
    for each in (axes, bodies):
        each.tick_params(length=0, labelsize=9)
        each.spines[["top", "right", "left"]].set_visible(False)
    bodies.spines["bottom"].set_visible(False)
    bodies.set_title("body", fontsize=10, fontweight="bold")
    axes.set_title("free speed: mean of each, and the adult's (dashed)", loc="left", fontsize=10, fontweight="bold")
    figure.savefig(path)


FOLDS: dict[str, tuple[float, float] | None] = {
    "tail: [0, 0]": (0.0, 0.0),
    "tail: [0, 6]": (0.0, 6.0),
    "tail: [9, 0]": (9.0, 0.0),
}
"""What the panels of services.md say, and where people join."""


def draw_serpentines(path: Path) -> None:
    """Draw what becomes of a rectangle of 9 m x 6 m with its head at the upper right, by where its tail is."""
    ring = ((0.0, 0.0), (9.0, 0.0), (9.0, 6.0), (0.0, 6.0), (0.0, 0.0))
    figure = Figure(figsize=(10, 3.1), dpi=120, facecolor="white", layout="constrained")
    for axes, (title, tail) in zip(figure.subplots(1, len(FOLDS)), FOLDS.items(), strict=True):
        feature = Feature("line", "queue", polygons=((ring,),), fold=Fold(head=(9.0, 6.0), tail=tail))
        made = fold_queue(feature)
        axes.fill(*zip(*ring, strict=True), color=BLUE, alpha=0.12, lw=0)
        for rail in made.rails.geoms:
            for edge in (rail.exterior, *rail.interiors):
                axes.plot(*edge.xy, color=INK, lw=0.4)
            axes.add_patch(area_patch(rail, fc=INK, ec="none"))
        axes.plot(*made.line.xy, color=BLUE, lw=1.6)
        axes.plot(*made.line.coords[0], "s", color=BLUE, ms=7)
        axes.plot(*made.line.coords[-1], "o", color=OPEN, ms=7)
        axes.set_title(f"{title}: {made.lanes} lanes, {made.line.length:.1f} m", loc="left", fontsize=10)
        axes.set(xlim=(-0.6, 9.6), ylim=(-0.6, 6.6), aspect="equal", xticks=(0, 3, 6, 9), yticks=(0, 3, 6))
        axes.tick_params(labelsize=8, length=0)
        axes.spines[:].set_visible(False)
    figure.savefig(path)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images"
    draw_steps(folder / "drawing_steps.png")
    draw_arrivals(folder / "arrivals.png")
    draw_profiles(folder / "profiles.png")
    draw_serpentines(folder / "serpentines.png")
