"""The tests of IMO MSC.1/Circ.1533 (2016), Annex 3, Appendix 2."""

from __future__ import annotations

from functools import partial

from crowdsim.validate import crowds, diagrams, stairs
from crowdsim.validate import rimea_components as components
from crowdsim.validate.case import Departure, Suite
from crowdsim.validate.experiments import WIDE_HALL
from crowdsim.validate.rimea import STANDARD_PEOPLE

MEN_30_TO_50_M_S = (0.97, 1.62)
"""Walking speed on the flat of men between 30 and 50, Table 3.4."""

TABLE_DENSITY_PER_M2, TABLE_SPEED_M_S = (0.5, 1.9, 3.2, 3.5), (1.2, 0.67, 0.20, 0.10)
"""Speed against density in corridors, Annex 2, Appendix 1."""


SOURCE = Suite("IMO", "MSC.1/Circ.1533 (2016)", "Annex 3, App. 2, test")


CASES = (
    SOURCE.case(
        1,
        "Keeping a walking speed in a corridor",
        "A person who walks at 1 m/s covers a corridor of 40 m in 40 s.",
        criterion_binary=True,
        tolerance="0.5 s (usual in other implementations; the circular gives none)",
        tolerance_origin="literature",
        run=partial(components.corridor, speed_m_s=1.0, shortest_s=39.5, longest_s=40.5),
        stochastic=False,
    ),
    *(
        SOURCE.case(
            number,
            f"Walking speed {way} stairs",
            f"A person who walks at 1 m/s {way} stairs covers a stair 2 m wide and 10 m long in 10 s.",
            criterion_binary=True,
            tolerance="5 %, that is 0.5 s (usual in other implementations; the circular gives none)",
            tolerance_origin="literature",
            run=partial(stairs.walking, length_m=10.0, up=way == "up", speed_m_s=1.0),
            departures=(stairs.SLOPED,),
            stochastic=False,
        )
        for number, way in ((2, "up"), (3, "down"))
    ),
    SOURCE.case(
        4,
        "Flow through a door",
        "The mean flow of a hundred people who leave a room of 8 x 5 m by an exit of 1 m, over the whole time, does "
        "not exceed 1.33 people a second.",
        criterion_binary=True,
        tolerance="at most 1.33 /s. A limit of a planning code: people in experiments pass such doors faster, so a "
        "model fitted to experiments fails here, and one set for planning must pass",
        tolerance_origin="standard",
        run=crowds.door_flow,
        departures=(STANDARD_PEOPLE,),
        quick=True,
    ),
    SOURCE.case(
        5,
        "Response times",
        "Ten people with response times even between 10 and 100 s each set off at the own time.",
        criterion_binary=True,
        tolerance="0.5 s (usual in other implementations; the circular gives none)",
        tolerance_origin="literature",
        run=components.late_starts,
        departures=(STANDARD_PEOPLE, components.NOT_IN_THE_DOOR),
    ),
    SOURCE.case(
        6,
        "Walking round a corner",
        "Twenty people walk round a corner to the left without passing through walls.",
        criterion_binary=True,
        tolerance="not one sampled position in a wall, and everyone out",
        tolerance_origin="standard",
        run=components.corner,
        departures=(STANDARD_PEOPLE,),
    ),
    SOURCE.case(
        7,
        "Speeds of a population",
        "The walking speeds of fifty people of one group of the circular's tables agree with the table.",
        tolerance="nobody outside the table's bounds (1 % for the time step); mean p of the Kolmogorov-Smirnov test "
        "at least 0.05",
        tolerance_origin="ours",
        run=partial(components.speeds, kinds={"men_30_to_50": MEN_30_TO_50_M_S}),
    ),
    SOURCE.case(
        8,
        "Counterflow",
        "A hundred people walk from one room through a corridor of 10 x 2 m into another against 0, 10, 50 and 100 "
        "people; the time grows with their number.",
        tolerance="everyone gets through, mean times rise with the counterflow",
        tolerance_origin="standard",
        run=crowds.counterflow,
        departures=(
            Departure("rooms", "two rooms of 10 x 10 m (second-hand)", "the same"),
            Departure("time limit", "none", "300 s, four times what it takes without counterflow"),
            STANDARD_PEOPLE,
        ),
    ),
    SOURCE.case(
        9,
        "A large crowd, half of the doors closed",
        "A thousand people leave a room of 30 x 20 m by four exits; with two of them closed it takes about twice as "
        "long.",
        tolerance="ratio of the times within 1.6 to 2.4 (JuPedSim's bounds; the circular says about)",
        tolerance_origin="literature",
        run=partial(crowds.half_the_doors, size=WIDE_HALL),
        departures=(Departure("closed doors", "two of the four", "both doors of the north wall"), STANDARD_PEOPLE),
    ),
    SOURCE.case(
        10,
        "Assigned exits",
        "Twenty-three people in twelve cabins leave by the exits that they are assigned.",
        criterion_binary=True,
        tolerance="everyone at the assigned exit",
        tolerance_origin="standard",
        run=components.assigned_exits,
        departures=(components.LAYOUT, STANDARD_PEOPLE),
    ),
    SOURCE.case(
        11,
        "Stair after a corridor",
        "150 people from a room of 8 x 5 m jam at the entry of a corridor of 12 x 2 m, then at the foot of the stair "
        "of 3 x 2 m behind it.",
        tolerance="largest density over 10 s above 1.9 /m2 at both places",
        tolerance_origin="ours",
        run=stairs.jams,
        departures=(stairs.QUEUES, stairs.SLOPED, STANDARD_PEOPLE),
    ),
    SOURCE.case(
        12,
        "Speed and flow against density",
        "The walking speed falls with density, to be compared with the circular's table for corridors.",
        tolerance="speed never rises by more than 0.05 m/s from one density to the next; the table's curve is shown",
        tolerance_origin="ours",
        run=partial(
            diagrams.flow_density, peak=None, reference=("IMO, corridors", TABLE_DENSITY_PER_M2, TABLE_SPEED_M_S)
        ),
        departures=(
            Departure("corridor", "not fixed", "240 x 3 m; 120 x 3 m from 3 /m2 on"),
            Departure("bodies", "not fixed", "all of radius 0.2 m: with the usual spread 6 /m2 does not fit"),
        ),
    ),
)
