"""Densities, exposures and pressures of crowds for which they are known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, hall, line, rectangle, scenario
from scipy.special import ndtr

from crowdsim.kernels.maps import CUT_OFF, spread_people
from crowdsim.measure import CrowdMaps, measure
from crowdsim.scenario.feature import Scenario
from measure.runs import Person, stander, write_run

MIDPOINTS = 1.6e-3
"""People an eighth of a metre apart stand for an even crowd as midpoints do for an integral: in the middle of a cell
beside a wall the sum is more by up to 8e-4 of the density, in a corner by twice that."""

LONE_PERSON_PER_M2 = 1 / (2 * math.pi * 0.5**2)


def lattice(width: float, depth: float, spacing: float) -> list[tuple[float, float]]:
    """Return the points of a square lattice, half a spacing off the walls."""
    nx, ny = round(width / spacing), round(depth / spacing)
    return [((i + 0.5) * spacing, (j + 0.5) * spacing) for i in range(nx) for j in range(ny)]


def closed_room(width: float, depth: float, *holes: list[tuple[float, float]]) -> Scenario:
    """Return a room whose exit is an area drawn inside, so that the walkable area is the room and no more."""
    features = [
        area("room", "walkable", rectangle(0, 0, width, depth)),
        area("crowd", "zone", rectangle(0, 0, 1, 1)),
        area("out", "exit", rectangle(width - 1, depth - 1, width, depth)),
        *(area(f"column_{k}", "obstacle", hole) for k, hole in enumerate(holes)),
    ]
    return scenario(features, {"all": {"start": "crowd", "count": 1}})


def maps_of(folder: Path, setting: Scenario, people: list[Person], until_s: float = 0.5) -> CrowdMaps:
    return measure(write_run(folder, setting, people, until_s=until_s)).maps


# ---------------------------------------------------------------- density
def lattice_reading(place: np.ndarray, spacing: float, n: int, sd: float = 0.5) -> np.ndarray:
    """Return what a lattice of n points along an axis, between two walls, reads: 1 if it were even."""
    points = spacing * (np.arange(n) + 0.5)
    near = np.exp(-((place[:, None] - points) ** 2) / (2 * sd**2)).sum(axis=1)
    inside = ndtr(place / sd) - ndtr((place - n * spacing) / sd)
    return near * spacing / (math.sqrt(2 * math.pi) * sd * inside)


def test_a_lattice_of_two_per_m2_measures_two_up_to_the_walls(tmp_path: Path) -> None:
    spacing, n = 1 / math.sqrt(2), 12
    side = n * spacing
    maps = maps_of(tmp_path, closed_room(side, side), [stander(*p) for p in lattice(side, side, spacing)])
    x, y = np.meshgrid(maps.x_m, maps.y_m)
    beside_corners = (np.minimum(x, side - x) > 1.0) | (np.minimum(y, side - y) > 1.0)
    assert maps.peak_density_per_m2[maps.walkable & beside_corners] == pytest.approx(2.0, rel=0.03)


@pytest.mark.parametrize("spacing", [0.5, 0.8, 1.0, 1.25])
def test_a_lattice_away_from_walls_is_its_poisson_sum(tmp_path: Path, spacing: float) -> None:
    """1 / spacing^2, and its ripple: 2 exp(-2 pi^2 (sd / spacing)^2) along an axis, 0.09 at 1.25 m."""
    side = 10.0
    maps = maps_of(tmp_path, closed_room(side, side), [stander(*p) for p in lattice(side, side, spacing)])

    def ripple(place: np.ndarray) -> np.ndarray:
        k = np.arange(1, 6)
        phase = 2 * np.pi * k * (place[:, None] / spacing - 0.5)
        return np.asarray(1 + 2 * (np.exp(-2 * (np.pi * k * 0.5 / spacing) ** 2) * np.cos(phase)).sum(axis=1))

    off = 5.5 * 0.5  # from walls: as far as the Gaussian reaches
    columns, rows = (np.flatnonzero((c > off) & (c < side - off)) for c in (maps.x_m, maps.y_m))
    expected = np.outer(ripple(maps.y_m[rows]), ripple(maps.x_m[columns])) / spacing**2
    # What is cut off is 4e-8 along an axis; some places are rounded to single precision, 2e-7 m.
    assert maps.peak_density_per_m2[np.ix_(rows, columns)] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("n", [12, 14, 17])
def test_a_lattice_measures_what_the_normalised_gaussian_gives_corners_too(tmp_path: Path, n: int) -> None:
    spacing = 1 / math.sqrt(2)
    side = n * spacing
    maps = maps_of(tmp_path, closed_room(side, side), [stander(*p) for p in lattice(side, side, spacing)])
    columns, rows = (np.flatnonzero((c > 0) & (c < side)) for c in (maps.x_m, maps.y_m))
    across = lattice_reading(maps.x_m[columns], spacing, n)
    upward = lattice_reading(maps.y_m[rows], spacing, n)
    measured = maps.peak_density_per_m2[np.ix_(rows, columns)]
    counts = maps.walkable[np.ix_(rows, columns)]
    expected = 2.0 * np.outer(upward, across)
    # Squares that a wall goes through count with their ground's size and centre, not with its breadth: 1.4e-4.
    assert measured[counts] == pytest.approx(expected[counts], rel=2e-4)


@pytest.mark.parametrize(("width", "depth"), [(6.0, 4.0), (6.1, 4.3), (5.93, 4.49)])
def test_an_even_crowd_measures_the_same_everywhere_wherever_the_walls_are(
    tmp_path: Path, width: float, depth: float
) -> None:
    nx, ny = round(width * 8), round(depth * 8)
    points = [((i + 0.5) * width / nx, (j + 0.5) * depth / ny) for i in range(nx) for j in range(ny)]
    maps = maps_of(tmp_path, closed_room(width, depth), [stander(*p) for p in points])
    assert maps.peak_density_per_m2[maps.walkable] == pytest.approx(nx * ny / (width * depth), rel=MIDPOINTS)


def test_an_even_crowd_measures_the_same_around_a_column(tmp_path: Path) -> None:
    people = [stander(x, y) for x, y in lattice(8, 8, 0.125) if not (3 < x < 4.5 and 3 < y < 5)]
    maps = maps_of(tmp_path, closed_room(8, 8, rectangle(3, 3, 4.5, 5)), people)
    assert maps.peak_density_per_m2[maps.walkable] == pytest.approx(64.0, rel=MIDPOINTS)
    assert maps.walkable.sum() * maps.cell_m**2 == pytest.approx(8 * 8 - 1.5 * 2)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 40),
    cell=st.floats(0.1, 2.0),
    sd=st.floats(0.2, 5.0),
)
def test_spreading_people_loses_nobody(seed: int, n: int, cell: float, sd: float) -> None:
    x, y = np.random.default_rng(seed).uniform(0, 5, (2, n))
    margin = math.ceil(CUT_OFF * sd / cell) + 1
    side = math.ceil(5 / cell) + 2 * margin
    out, touched = np.zeros((side * side, 1)), np.zeros(side * side, np.int64)
    origin = (-margin * cell, -margin * cell)
    count = spread_people(x, y, np.ones((n, 1)), origin, cell, sd, side, out, touched)
    assert out.sum() * cell**2 == pytest.approx(n)
    assert sorted(touched[:count]) == np.flatnonzero(out[:, 0]).tolist()


def test_spreading_is_the_gaussian_where_cells_are_fine() -> None:
    cell, sd, side = 0.1, 0.5, 60
    out, touched = np.zeros((side * side, 2)), np.zeros(side * side, np.int64)
    spread_people(np.array([3.02]), np.array([2.96]), np.array([[1.0, -2.0]]), (0.0, 0.0), cell, sd, side, out, touched)
    centres = cell * (np.arange(side) + 0.5)
    squared = (centres - 3.02) ** 2 + ((centres - 2.96) ** 2)[:, None]
    gaussian = np.exp(-squared / (2 * sd**2)) / (2 * np.pi * sd**2)
    near = squared < (CUT_OFF * sd) ** 2
    assert out[:, 0].reshape(side, side)[near] == pytest.approx(gaussian[near], rel=1e-6)
    assert out[:, 1] == pytest.approx(-2 * out[:, 0])


def test_one_person_alone_reads_what_the_limit_says(tmp_path: Path) -> None:
    maps = maps_of(tmp_path, closed_room(10, 10), [stander(5.25, 5.25)])
    assert maps.density is not None
    assert maps.density.value == pytest.approx(LONE_PERSON_PER_M2, rel=1e-7)
    assert (maps.density.x, maps.density.y) == pytest.approx((5.25, 5.25))


def test_the_highest_density_says_when_and_where(tmp_path: Path) -> None:
    comers = [Person(((3.0, 2.25, 7.25), (4.0, 2.25, 7.25), (5.0, 8.0, 1.0))) for _ in range(5)]
    maps = maps_of(tmp_path, closed_room(10, 10), [stander(6, 6), *comers], until_s=8.0)
    assert maps.density is not None
    assert maps.density.time_s == 3.0
    assert (maps.density.x, maps.density.y) == pytest.approx((2.25, 7.25))
    assert maps.peak_density_per_m2.max() == maps.density.value


def test_mean_density_is_over_the_time_anyone_is_inside(tmp_path: Path) -> None:
    visitor = Person(((10.0, 5.25, 5.25), (15.0, 5.25, 5.25)), exit="out")
    maps = maps_of(tmp_path, closed_room(10, 10), [visitor], until_s=100.0)
    assert maps.mean_density_per_m2.max() == pytest.approx(LONE_PERSON_PER_M2, rel=1e-7)
    half = [visitor, Person(((10.0, 1.25, 1.25), (20.0, 1.25, 1.25)), exit="out")]
    both = maps_of(tmp_path / "both", closed_room(10, 10), half, until_s=100.0)
    row, column = np.argwhere(np.isclose(maps.mean_density_per_m2, maps.mean_density_per_m2.max()))[0]
    assert both.mean_density_per_m2[row, column] == pytest.approx(LONE_PERSON_PER_M2 / 2, rel=1e-7)


def test_the_density_at_somebody_in_a_sliver_of_a_cell_is_measured(tmp_path: Path) -> None:
    people = [stander(10.05, 5.2) for _ in range(20)]
    maps = maps_of(tmp_path, closed_room(10.1, 10), people, until_s=2.0)
    assert maps.exposure_by_level[7.0] == pytest.approx(20 * 2.0)


# ---------------------------------------------------------------- exposure
def test_exposure_by_hand(tmp_path: Path) -> None:
    # Each of n people on one spot, at the middle of a cell, meets n times what one person alone reads.
    group = [Person(((0.0, 5.25, 5.25), (10.0, 5.25, 5.25)), exit="out") for _ in range(7)]
    maps = maps_of(tmp_path, closed_room(10, 10), [*group, stander(1.25, 1.25)], until_s=30.0)
    assert 4 < 7 * LONE_PERSON_PER_M2 < 5
    expected = {2.0: 70.0, 3.0: 70.0, 4.0: 70.0, 5.0: 0.0, 7.0: 0.0}
    assert maps.exposure_by_level == pytest.approx(expected)
    assert maps.exposure_person_s.sum() == pytest.approx(70.0)
    assert maps.exposure_person_s.max() == pytest.approx(70.0)


@pytest.mark.parametrize("until_s", [10.0, 10.2, 10.3])
def test_exposure_lasts_until_the_run_ends_and_no_longer(tmp_path: Path, until_s: float) -> None:
    maps = maps_of(tmp_path, closed_room(10, 10), [stander(5.25, 5.25)] * 7, until_s=until_s)
    assert maps.exposure_by_level[4.0] == pytest.approx(7 * until_s)


def test_exposure_falls_with_the_level(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    people = [stander(*p) for p in rng.normal(5, 1.2, (90, 2)).clip(0.3, 9.7)]
    levels = list(maps_of(tmp_path, closed_room(10, 10), people).exposure_by_level.values())
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > levels[-1]


def test_a_criterions_own_level_is_measured_too(tmp_path: Path) -> None:
    criterion = {
        "quantity": "density_exposure", "above_per_m2": 0.5, "limit_s": 1.0,
        "source": "test", "level_of_evidence": "assumption",
    }  # fmt: skip
    setting = hall(10, 10, 1, criteria={"loose": criterion})
    maps = maps_of(tmp_path, setting, [stander(5.25, 5.25)], until_s=4.0)
    assert maps.exposure_by_level[0.5] == pytest.approx(4.0)


# ---------------------------------------------------------------- pressure
def streams(speed_even: float, speed_odd: float) -> list[Person]:
    """Return rows of people, four per m2, that walk along x for one second at the speed of their row."""
    people = []
    for x, y in lattice(12, 6, 0.5):
        speed = speed_even if round(y / 0.5 - 0.5) % 2 == 0 else speed_odd
        people.append(Person(((0.0, x, y), (1.0, x + speed, y))))
    return people


def in_a_long_hall(folder: Path, people: list[Person]) -> CrowdMaps:
    features = [
        area("hall", "walkable", rectangle(-3, 0, 15, 6)),
        area("crowd", "zone", rectangle(0, 0, 12, 6)),
        line("out", "exit", (15, 2), (15, 4)),
    ]
    setting = scenario(features, {"all": {"start": "crowd", "count": 1}})
    return maps_of(folder, setting, people, until_s=1.0)


def test_streams_against_each_other_have_a_pressure(tmp_path: Path) -> None:
    # Velocities of +1 and -1 m/s in equal parts have the variance 1 m2/s2: pressure = density * 1.
    pressure = in_a_long_hall(tmp_path, streams(1.0, -1.0)).pressure
    assert pressure is not None
    assert pressure.value == pytest.approx(4.0, rel=0.1)


def test_a_crowd_that_walks_in_step_has_none(tmp_path: Path) -> None:
    pressure = in_a_long_hall(tmp_path, streams(1.0, 1.0)).pressure
    assert pressure is not None
    assert pressure.value == pytest.approx(0.0, abs=1e-6)


def test_pressure_grows_with_the_square_of_the_speeds(tmp_path: Path) -> None:
    slow = in_a_long_hall(tmp_path / "slow", streams(0.1, -0.1)).pressure
    slower = in_a_long_hall(tmp_path / "slower", streams(0.05, -0.05)).pressure
    assert slow is not None and slower is not None
    assert slow.value / slower.value == pytest.approx(4.0, rel=0.02)


def test_a_few_people_have_no_pressure(tmp_path: Path) -> None:
    passing = [Person(((0.0, 4.0, 5.0), (2.0, 6.0, 5.0))), Person(((0.0, 6.0, 5.6), (2.0, 4.0, 5.6)))]
    assert maps_of(tmp_path, closed_room(10, 10), passing, until_s=2.0).pressure is None


def test_nobody_inside_leaves_empty_maps(tmp_path: Path) -> None:
    maps = maps_of(tmp_path, closed_room(10, 10), [Person(due_s=9.0)])
    assert maps.density is None and maps.pressure is None
    assert maps.mean_density_per_m2.max() == maps.peak_density_per_m2.max() == 0.0
    assert set(maps.exposure_by_level.values()) == {0.0}
