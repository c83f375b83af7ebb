"""The cases of RiMEA 4.1.1. Its English text is a translation aid; it sets no fixed bounds for cases 4 and 8 to 16."""

from __future__ import annotations

from functools import partial

from crowdsim.validate import crowds, diagrams, necks, stairs, storeys
from crowdsim.validate import rimea_components as components
from crowdsim.validate.case import Departure, Suite
from crowdsim.validate.experiments import SQUARE_HALL, WIDE_HALL

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
    *(
        SOURCE.case(
            name,
            f"Walking speed {way} stairs",
            f"A person keeps the set speed {way} a stair 2 m wide and 10 m long along the slope.",
            criterion_binary=True,
            tolerance="5 % (JuPedSim's bound; the standard refers to test 1)",
            tolerance_origin="literature",
            run=partial(stairs.walking, length_m=10.0, up=way == "up"),
            departures=(ONE_SPEED, stairs.SLOPED),
            stochastic=False,
            quick=True,
        )
        for name, way in (("2", "up"), ("3", "down"))
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
    SOURCE.case(
        "8",
        "Changing a parameter",
        "The egress time of a house of three storeys is to be shown against a parameter that is varied.",
        tolerance=f"the mean time falls with the free speed ({NO_BOUND})",
        tolerance_origin="ours",
        run=storeys.three_storeys,
        departures=(
            Departure(
                "plan",
                "a figure; read second-hand: four people a room, 144, 152 and 152 on the storeys, one stair a storey",
                "a corridor of 40 x 3 m on each storey, rooms of 1.9 x 3 m on either side, stairs of 4 x 2.5 m",
            ),
            Departure("parameter", "the tester's", "free speed 0.5, 0.75 and 1 m/s; and even between 0.5 and 1 m/s"),
        ),
        usual_seeds=storeys.HOUSE_SEEDS,
    ),
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
    SOURCE.case(
        "13",
        "Speed and density on stairs",
        "A hundred people walk from a room of 10 x 10 m over a stair of 5 x 2 m; they are faster down than up.",
        tolerance="mean speed down above that up",
        tolerance_origin="standard",
        run=stairs.down_and_up,
        departures=(
            stairs.SLOPED,
            Departure("diagram", "speed against density, beside measured data", "means over the stair's middle 3 m"),
            STANDARD_PEOPLE,
        ),
    ),
    SOURCE.case(
        "13-3.0",
        "A stair after a corridor",
        "150 people from a room of 8 x 5 m jam at the foot of a stair of 3 x 2 m behind a corridor of 12 x 2 m: the "
        "stair carries less than the corridor.",
        tolerance="less by at least 0.05 /s (JuPedSim's rule)",
        tolerance_origin="literature",
        run=stairs.carries_less,
        departures=(
            Departure("edition", "another test since 4.0", "as up to 3.0, second-hand"),
            stairs.SLOPED,
            STANDARD_PEOPLE,
        ),
    ),
    SOURCE.case(
        "14",
        "Choice between stairs and a longer way",
        "A hundred people can take two flights and a passage on another level, or walk round on their own: what they "
        "choose is to be shown.",
        tolerance=f"the farther the way round, the more take the stairs ({NO_BOUND}: the choice is documentation only)",
        tolerance_origin="ours",
        run=storeys.stair_or_round,
        departures=(
            Departure("way round", "20 m; the plan read second-hand", "four of them, each farther from the rooms"),
            stairs.SLOPED,
            STANDARD_PEOPLE,
        ),
    ),
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
