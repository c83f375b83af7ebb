"""The cases of RiMEA 4.1.1. Its English text is a translation aid; it sets no fixed bounds for cases 4 and 8 to 16."""

from __future__ import annotations

from functools import partial

from crowdsim.validate import crowds, diagrams, necks
from crowdsim.validate import rimea_components as components
from crowdsim.validate.case import Departure, Suite
from crowdsim.validate.experiments import SQUARE_HALL, WIDE_HALL

NO_STAIRS = "needs stairs or several levels, which are not simulated yet"
NO_BOUND = "RiMEA sets no fixed bound"
ONE_SPEED = Departure("population", "one person of the standard's population", "free speed fixed; standard body")
STANDARD_PEOPLE = Departure("population", "the source's own speeds and bodies", "the standard adult of `profiles`")


SOURCE = Suite("RiMEA", "4.1.1", "Annex 1, test")


CASES = (
    SOURCE.case(
        "1",
        "Keeping a walking speed in a corridor",
        "A person with a set walking speed walks a corridor 2 m wide and 40 m long in the time that follows from it.",
        criterion_binary=True,
        tolerance="26 to 34 s at 1.33 m/s",
        tolerance_origin="standard",
        run=components.corridor,
        stochastic=False,
        quick=True,
    ),
    SOURCE.case(
        "2", "Walking speed up stairs", "A person keeps the set speed up a stair.", why_not=NO_STAIRS, quick=True
    ),
    SOURCE.case(
        "3", "Walking speed down stairs", "A person keeps the set speed down it.", why_not=NO_STAIRS, quick=True
    ),
    SOURCE.case(
        "4",
        "Speed and flow against density",
        "Speed and specific flow are to be shown for densities from 0.5 to 6 /m2 in a wide corridor.",
        tolerance="speed never rises by more than 0.05 m/s from one density to the next; largest specific flow "
        f"within 1.2 to 2.3 /(m s) ({NO_BOUND}; range from Weidmann 1993 and laboratory experiments)",
        tolerance_origin="literature",
        run=diagrams.flow_density,
        departures=(
            Departure("corridor", "1000 x 10 m", "240 x 3 m; 120 x 3 m from 3 /m2 on: no end is felt in the middle"),
            Departure("bodies", "free", "all of radius 0.2 m: with the usual spread 6 /m2 does not fit"),
            Departure("start", "any", "everyone placed evenly at the density and walking from the first moment"),
        ),
    ),
    SOURCE.case(
        "5",
        "Pre-movement times",
        "Ten people in a room, with pre-movement times even between 10 and 100 s, each set off at the own time.",
        criterion_binary=True,
        tolerance="0.5 s (usual in other implementations; the standard gives none)",
        tolerance_origin="literature",
        run=components.late_starts,
        departures=(STANDARD_PEOPLE, components.NOT_IN_THE_DOOR),
        quick=True,
    ),
    SOURCE.case(
        "6",
        "Walking round a corner",
        "Twenty people walk round a corner to the left without passing through walls.",
        criterion_binary=True,
        tolerance="not one sampled position in a wall, and everyone out",
        tolerance_origin="standard",
        run=components.corner,
        departures=(STANDARD_PEOPLE,),
        quick=True,
    ),
    SOURCE.case(
        "7",
        "Speeds of a population",
        "The walking speeds of fifty adults are distributed as the given table or figure says.",
        tolerance="nobody outside the group's bounds (1 % for the time step); mean p of the Kolmogorov-Smirnov "
        "tests at least 0.05",
        tolerance_origin="ours",
        run=partial(components.speeds, kinds=components.BY_AGE),
        departures=(
            components.EVEN_SPEEDS,
            Departure("number", "50 adults", "50 of each of four groups, side by side, 2 m apart, walking 40 m"),
        ),
        quick=True,
    ),
    SOURCE.case("8", "Changing a parameter", "Egress from three storeys, speeds varied.", why_not=NO_STAIRS),
    *(
        SOURCE.case(
            name,
            f"A large crowd, half of the doors locked ({size[0]:g} x {size[1]:g} m)",
            "A thousand people leave a room by four doors of 1 m; with two of them locked it takes about twice as "
            "long. The standard calls this no exclusion criterion.",
            tolerance=f"ratio of the times within 1.6 to 2.4 ({NO_BOUND}; JuPedSim's bounds)",
            tolerance_origin="literature",
            run=partial(crowds.half_the_doors, size=size),
            departures=(
                Departure("locked doors", "two of the four", "both doors of the north wall"),
                Departure("choice of doors", "free", "everyone takes the nearest open door"),
                STANDARD_PEOPLE,
                *extra,
            ),
        )
        for name, size, extra in (
            ("9", SQUARE_HALL, ()),
            ("9-30x20", WIDE_HALL, (Departure("edition", "20 x 20 m since 4.1.1", "30 x 20 m as up to 3.0"),)),
        )
    ),
    SOURCE.case(
        "10",
        "Assigned exits",
        "Twenty-three people in twelve rooms leave by the exits that they are assigned.",
        criterion_binary=True,
        tolerance="everyone at the assigned exit",
        tolerance_origin="standard",
        run=components.assigned_exits,
        departures=(components.LAYOUT, STANDARD_PEOPLE),
        quick=True,
    ),
    SOURCE.case(
        "11",
        "Choice of exits",
        "A dense crowd prefers the nearer of two exits and jams there; some then take the farther one.",
        tolerance="more people at the nearer exit than at the farther one, and some at the farther one",
        tolerance_origin="standard",
        run=crowds.exit_choice,
        departures=(STANDARD_PEOPLE,),
    ),
    SOURCE.case(
        "12a",
        "Bottleneck, goal behind it",
        "The egress time grows with the distance of the goal behind a bottleneck, until it stays the same. The "
        "standard calls the whole of test 12 no exclusion criterion.",
        tolerance=f"the mean time never falls by more than 1 % from one distance to the next ({NO_BOUND})",
        tolerance_origin="ours",
        run=necks.goal_behind,
        departures=(Departure("bottleneck", "1 m wide", "1 m wide, 5 m long"), STANDARD_PEOPLE),
    ),
    SOURCE.case(
        "12b",
        "Bottleneck, its length",
        "Passing a long bottleneck (5 m) takes longer than passing a short one (0.2 m).",
        tolerance="mean time through the long one above that through the short one",
        tolerance_origin="standard",
        run=necks.neck_length,
        departures=(STANDARD_PEOPLE,),
    ),
    SOURCE.case(
        "12c",
        "Two bottlenecks in a row",
        "Flows and numbers over time at two equal bottlenecks are to be shown.",
        tolerance=f"the second carries no less than the first minus 0.05 /s ({NO_BOUND}; JuPedSim's rule)",
        tolerance_origin="literature",
        run=necks.two_necks,
        departures=(Departure("bottlenecks", "two equal ones", "each 1 m wide, 5 m long"), STANDARD_PEOPLE),
    ),
    SOURCE.case(
        "12d",
        "Bottleneck, its width",
        "The flow grows with the width of a bottleneck: 0.8, 1.0 and 1.2 m.",
        tolerance="flow grows with the width; specific flow within 1.3 to 2.3 /(m s), the range of experiments at "
        f"normal motivation ({NO_BOUND})",
        tolerance_origin="literature",
        run=necks.neck_width,
        departures=(Departure("length", "not fixed", "5 m"), STANDARD_PEOPLE),
    ),
    SOURCE.case("13", "Speed and density on stairs", "Speeds down exceed those up a stair.", why_not=NO_STAIRS),
    SOURCE.case("14", "Choice between a stair and a longer way", "The choice is to be shown.", why_not=NO_STAIRS),
    SOURCE.case(
        "15",
        "A wide crowd turns a corner",
        "500 people, 20 m abreast, take longer round a corner than on a straight way as long as the inner wall, and "
        "less than on one as long as the outer arc.",
        tolerance="mean times in that order",
        tolerance_origin="standard",
        run=crowds.large_corner,
        departures=(STANDARD_PEOPLE,),
    ),
    SOURCE.case(
        "16",
        "Single file",
        "Speed against line density lies within the envelope of measured data.",
        tolerance="speed never rises by more than 0.05 m/s from one line density to the next (the envelope's data "
        "are not at hand)",
        tolerance_origin="ours",
        run=diagrams.single_file,
        departures=(
            Departure("envelope", "10 and 90 % of measured data", "not compared: the data are not bundled"),
            Departure("corridor", "ring, or 200 m", "straight, 240 x 0.6 m; measured from 110 to 130 m"),
        ),
    ),
)
