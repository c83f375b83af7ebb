"""Which assumptions are looked at, and that they change what they say and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsim import load_scenario
from crowdsim.experiment.arms import scaled, sensitivity_arms
from crowdsim.scenario.distributions import Constant, Empirical, Exponential, Lognormal, Normal, Uniform

ROOM = str(Path(__file__).parent / "room")


def mean(time):
    match time:
        case Constant():
            return time.value_s
        case Uniform():
            return (time.min_s + time.max_s) / 2
        case Normal() | Exponential():
            return time.mean_s
        case Lognormal():
            return time.median_s
        case Empirical():
            return sum(time.values_s) / len(time.values_s)


def test_a_room_without_services_or_guidance_has_movement_and_speeds_only():
    base = load_scenario(ROOM)
    arms = {arm.name: arm for arm in sensitivity_arms(ROOM, [], base)}
    models = ("anticipation_velocity", "optimal_reciprocal", "planning", "social_force")
    assert set(arms) == {f"movement_{model}" for model in models} | {"free_speed_low", "free_speed_high"}
    slow = arms["free_speed_low"].scenario.config
    for name, profile in slow.profiles.items():
        before = base.config.profiles[name].free_speed_m_s
        assert profile.free_speed_m_s.mean == pytest.approx(0.9 * before.mean)
        assert profile.free_speed_m_s.min == pytest.approx(0.9 * before.min)
    assert replace(slow, profiles=base.config.profiles) == base.config
    social = arms["movement_social_force"].scenario
    assert social.config.movement.model == "social_force"
    assert social.choices["movement"] == "social_force"
    assert replace(social.config, movement=base.config.movement) == base.config


def test_an_option_that_does_not_go_with_an_override_is_told_not_dropped():
    overrides = ["movement.time_gap_s=1.1"]
    arms = {arm.name: arm for arm in sensitivity_arms(ROOM, overrides, load_scenario(ROOM, overrides))}
    assert arms["movement_social_force"].scenario is None
    assert "time_gap_s" in arms["movement_social_force"].reason


def test_services_and_guidance_have_arms_of_their_own():
    choice = "{guided: 0.9}"
    overrides = [f"attendees.{group}.choice={choice}" for group in load_scenario("campus_open_day").config.attendees]
    base = load_scenario("campus_open_day", overrides)
    arms = {
        arm.name: arm.scenario.config for arm in sensitivity_arms("campus_open_day", overrides, base) if arm.scenario
    }
    for name, service in base.config.services.items():
        assert mean(arms["service_times_high"].services[name].time) == pytest.approx(1.2 * mean(service.time))
    for name in base.config.attendees:
        assert arms["compliance_low"].attendees[name].choice.guided == pytest.approx(0.72)
        assert arms["compliance_high"].attendees[name].choice.guided == 1.0


@given(st.floats(0.1, 10))
def test_durations_are_all_so_much_longer(factor):
    for time in (
        Constant(distribution="constant", value_s=4.0),
        Uniform(distribution="uniform", min_s=1.0, max_s=3.0),
        Normal(distribution="normal", mean_s=5.0, sd_s=1.0),
        Lognormal(distribution="lognormal", median_s=5.0, sigma=0.4),
        Exponential(distribution="exponential", mean_s=5.0),
        Empirical(distribution="empirical", values_s=(1.0, 2.0)),
    ):
        assert mean(scaled(time, factor)) == pytest.approx(factor * mean(time))
