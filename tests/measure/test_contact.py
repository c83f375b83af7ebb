"""Contact forces of bodies that overlap by known amounts."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scenes import hall, movement

from crowdsim.measure import measure
from measure.runs import Person, stander, write_run

STIFFNESS = 1.2e5
RADIUS_M = 0.2


def test_two_bodies_pressed_together(tmp_path: Path) -> None:
    setting = hall(10, 10, 1, movement=movement("social_force"))
    pair = [stander(5.0, 5.0), Person(((0.0, 5.375, 5.0), (10.0, 5.375, 5.0)), exit="out")]
    contact = measure(write_run(tmp_path, setting, [*pair, stander(2, 2)], until_s=20.0)).contact
    assert contact is not None and contact.overlap and contact.force and contact.compression
    assert contact.overlap.value == pytest.approx(0.025, abs=1e-6)
    assert contact.force.value == pytest.approx(STIFFNESS * 0.025, rel=1e-4)
    assert contact.compression.value == pytest.approx(STIFFNESS * 0.025 / (2 * math.pi * RADIUS_M), rel=1e-4)
    assert contact.compression.value > 1600
    assert contact.crushed_person_s == pytest.approx(2 * 10.0)


def test_forces_add_up_whichever_way_they_push(tmp_path: Path) -> None:
    setting = hall(10, 10, 1, movement=movement("social_force"))
    people = [stander(5.0, 5.0), stander(5.375, 5.0), stander(4.625, 5.0), stander(5.0, 5.375)]
    contact = measure(write_run(tmp_path, setting, people, until_s=1.0)).contact
    assert contact is not None and contact.force
    assert contact.force.value == pytest.approx(3 * STIFFNESS * 0.025, rel=1e-4)
    assert (contact.force.x, contact.force.y) == (5.0, 5.0)


def test_a_crowd_agrees_with_looking_at_every_pair(tmp_path: Path) -> None:
    places = np.random.default_rng(2).uniform(2, 6, (80, 2))
    setting = hall(10, 10, 1, movement=movement("social_force"))
    run = write_run(tmp_path, setting, [stander(*p) for p in places.tolist()], until_s=0.5)
    contact = measure(run).contact
    places = np.column_stack([next(run.frames()).x, next(run.frames()).y])
    forces = np.zeros(80)
    for i in range(80):
        for j in range(80):
            if i != j:
                forces[i] += STIFFNESS * max(2 * RADIUS_M - math.dist(places[i], places[j]), 0.0)
    assert contact is not None and contact.force
    assert contact.force.value == pytest.approx(forces.max(), rel=1e-5)
    assert contact.crushed_person_s == pytest.approx(0.5 * (forces / (2 * math.pi * RADIUS_M) > 1600).sum())


def test_nobody_touches(tmp_path: Path) -> None:
    setting = hall(10, 10, 1, movement=movement("social_force"))
    contact = measure(write_run(tmp_path, setting, [stander(3, 3), stander(4, 4)], until_s=1.0)).contact
    assert contact is not None
    assert contact.force is None and contact.crushed_person_s == 0.0


def test_other_models_have_no_bodies_that_press(tmp_path: Path) -> None:
    assert measure(write_run(tmp_path, hall(10, 10, 1), [stander(3, 3)] * 2, until_s=1.0)).contact is None
