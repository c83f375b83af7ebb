"""The tests of ISO 20414:2020 that have no twin among the others, and which twin the rest have."""

from __future__ import annotations

from crowdsim.validate import diagrams, stairs
from crowdsim.validate.case import Departure, Suite
from crowdsim.validate.rimea import STANDARD_PEOPLE

SOURCE = Suite("ISO", "20414:2020", "test")


CASES = (
    SOURCE.case("1", "Pre-evacuation times", "As NIST 1.1.", why_not="run as nist-1.1, with the normal one"),
    SOURCE.case(
        "3",
        "Speed on stairs",
        "The speed on stairs is the one on the level times the factor that is set.",
        tolerance="factors 0.3 to 0.8 to within 1 %",
        tolerance_origin="ours",
        run=stairs.by_factor,
        departures=(Departure("stair", "not read in the source", "10 m in the plan, 2 m wide; speeds in the plan"),),
        stochastic=False,
    ),
    SOURCE.case("7", "Disabilities and overtaking", "As NIST 2.10.", why_not="run as nist-2.10"),
    SOURCE.case("9", "Dynamic exits", "As NIST 4.1.", why_not="run as nist-4.1"),
    SOURCE.case(
        "12",
        "Flow on stairs",
        "The flow of a hundred people grows with the width of a stair: 1.0, 1.2, 1.4, 1.6 and 1.8 m.",
        tolerance="mean flow grows from each width to the next, down and up",
        tolerance_origin="standard",
        run=stairs.wider_carries_more,
        departures=(
            Departure("venue", "not read in the source", "that of RiMEA 13: room of 10 x 10 m, stair of 5 m"),
            stairs.SLOPED,
            STANDARD_PEOPLE,
        ),
    ),
    SOURCE.case(
        "13",
        "Speed and flow in a corridor",
        "In a corridor of 2 x 60 m the speed between 20 and 40 m falls with the number of people, and the flow has a "
        "maximum in between.",
        tolerance="speed never rises by more than 0.05 m/s from one density to the next; density times speed is "
        "largest at neither end",
        tolerance_origin="ours",
        run=diagrams.zoned_corridor,
        departures=(
            Departure("free speed", "not read in the source", "even between 1.2 and 1.4 m/s"),
            Departure("bodies", "not fixed", "all of radius 0.2 m"),
        ),
    ),
    SOURCE.case("15", "Social influence", "Others' choice of exit counts.", why_not="exit choice ignores other people"),
    SOURCE.case("16", "Affiliation", "People prefer exits they know.", why_not="exit choice knows no familiarity"),
    SOURCE.case("17", "Choice of routes over two floors", "The choice is to be shown.", why_not="run as rimea-14"),
    SOURCE.case("18", "Speed in smoke", "People walk slower in smoke.", why_not="smoke is not simulated"),
    SOURCE.case("19", "Toxic incapacitation", "Gases incapacitate people.", why_not="gases are not simulated"),
)
