"""What is measured: a case, how many attendees, which movement, how many steps."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST, MOST = 100, 10_000_000
"""Attendees of a case: fewer leave its halls too small for their doors, more no scenario takes."""

MOST_STEPS = 1_000_000
"""With more, a case would go on beyond any egress."""

MOST_THREADS = 1024
"""As many as a scenario takes."""

MOST_SEED = 2**63 - 1
"""As large as a scenario takes."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What `crowdsim bench` simulates.

    Attributes
    ----------
    case : the name of a case, of `crowdsim.bench.cases.CASES`.
    n : number of attendees.
    movement : option of the config group.
    steps : number of movement steps timed.
    threads : CPU threads; None for all.
    seed : of everything drawn.
    dt_s : length of a step [s]; None for the movement option's own.
    """

    case: str = "open"
    n: int = 10_000
    movement: str = "collision_free_speed"
    steps: int = 100
    threads: int | None = None
    seed: int = 1
    dt_s: float | None = None

    def overrides(self) -> list[str]:
        """Return what is set on top of the case's scenario files."""
        step = [] if self.dt_s is None else [f"movement.step_s={self.dt_s!r}"]
        return [f"movement={self.movement}", *step]
