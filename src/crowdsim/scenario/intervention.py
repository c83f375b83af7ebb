"""What is done during a run, by the clock or when the crowd gives reason to, as `scenario.yaml` states it."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.condition import ConditionText
from crowdsim.scenario.distributions import Duration
from crowdsim.scenario.itinerary import NEAREST, Exits, no_time
from crowdsim.scenario.value import STRICT, Flag, Name, NonNegative, Positive, Share, Text, lists_of_one, refusal
from crowdsim.scenario.venue_settings import Target, Way

Names = tuple[Name, ...]

LISTS = ("open", "close", "add", "remove", "hold", "release", "both_ways", "keep_clear", "clear_no_longer")
"""Verbs that take names of features."""

VERBS = (*LISTS, "one_way", "width_m", "move_m", "announce")
"""What an intervention can do."""

OPPOSITES = (
    ("open", "close"),
    ("add", "remove"),
    ("hold", "release"),
    ("one_way", "both_ways"),
    ("keep_clear", "clear_no_longer"),
)
"""Verbs of which one intervention can do one to a feature."""

LEAVE, GO_ON = "leave", "go_on"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Announcement:
    """Something that those inside are told.

    Attributes
    ----------
    say : `leave` the venue now, whatever else was planned; or `go_on`: what you stay for is over.
    exit : whoever leaves goes to the nearest exit, to the named one, or to the nearest of several.
    zones : those in these zones can hear it; left out, everyone inside.
    reach : share of them who hear and understand it.
    compliance : share of those who do as they are told.
    reaction : how long each takes to set off.
    """

    say: Literal["leave", "go_on"]
    exit: Exits = NEAREST
    zones: Names = ()
    reach: Share = 1.0
    compliance: Share = 1.0
    reaction: Duration = field(default_factory=no_time)

    @model_validator(mode="before")
    @classmethod
    def _single_names(cls, data: Any) -> Any:
        return lists_of_one(data, ("zones",))

    @model_validator(mode="after")
    def _exits_of_those_who_leave(self) -> Self:
        if self.say == GO_ON and self.exit != NEAREST:
            raise refusal(f"an exit with say: {GO_ON}", f"say: {LEAVE}, or no exit")
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Intervention:
    """Something that is done at a time of the run, or when a condition comes true.

    Attributes
    ----------
    name : how it is called in the log and in pictures; empty for what it does.
    at_s : when [s]; or
    when : a condition, such as `density(front_of_stage) > 4`: looked at once a second.
    for_s : the condition must hold for so long without a break [s].
    after_s : from then on it takes so long until something is done [s].
    repeat : it is done whenever the condition comes true anew, not the first time only.
    open, close : doors, exits and ways between levels, of which those on a closed one walk on; and queues of services,
        whose people change over to others when theirs closes.
    hold, release : entrances, at which nobody comes in; and doors and exits, before which people wait.
    add, remove : features that are put where they are drawn, or taken away.
    one_way : doors that people pass one way only from now on, by name: a feature, or a point, on the side they go to.
    both_ways : doors that people pass both ways again.
    keep_clear : zones in which nobody stands from now on: who does walks out, others go round or straight across.
    clear_no_longer : zones that people may stand in again.
    width_m : new clear widths of doors and exits, by name.
    move_m : how far features are from where they are drawn, from now on, by name.
    announce : what those inside are told.
    """

    name: Text = ""
    at_s: NonNegative | None = None
    when: ConditionText | None = None
    for_s: NonNegative = 0.0
    after_s: NonNegative = 0.0
    repeat: Flag = False
    open: Names = ()
    close: Names = ()
    hold: Names = ()
    release: Names = ()
    add: Names = ()
    remove: Names = ()
    both_ways: Names = ()
    keep_clear: Names = ()
    clear_no_longer: Names = ()
    one_way: dict[Name, Target] = field(default_factory=dict)
    width_m: dict[Name, Positive] = field(default_factory=dict)
    move_m: dict[Name, Way] = field(default_factory=dict)
    announce: Announcement | None = None

    @model_validator(mode="before")
    @classmethod
    def _single_names(cls, data: Any) -> Any:
        return lists_of_one(data, LISTS)

    @model_validator(mode="after")
    def _does_something_some_time(self) -> Self:
        if (self.at_s is None) == (self.when is None):
            raise refusal("neither at_s nor when" if self.at_s is None else "both at_s and when", "one of the two")
        if self.when is None and (self.for_s or self.after_s or self.repeat):
            key = "for_s" if self.for_s else "after_s" if self.after_s else "repeat"
            raise refusal(f"{key} without when", f"{key} beside a condition, or at_s alone")
        if not any(getattr(self, verb) for verb in VERBS):
            raise refusal("nothing to do", f"at least one of {', '.join(VERBS)}")
        for one, other in OPPOSITES:
            both = set(getattr(self, one)) & set(getattr(self, other))
            if both:
                raise refusal(f"{min(both)!r} under {one} and {other}", "one of the two")
        return self

    @property
    def title(self) -> str:
        """What it is called, or does, in a few words."""
        names = {verb: ", ".join(getattr(self, verb)) for verb in LISTS if getattr(self, verb)}
        parts = [f"{verb.replace('_', ' ')} {those}" for verb, those in names.items()]
        parts += [f"one way {name} to {_place(towards)}" for name, towards in self.one_way.items()]
        parts += [f"{name} {width:g} m wide" for name, width in self.width_m.items()]
        parts += [f"move {name}" for name in self.move_m]
        parts += [f"announce: {self.announce.say.replace('_', ' ')}"] if self.announce else []
        return self.name or "; ".join(parts)

    @property
    def cause(self) -> str:
        """When it is done, in a few words."""
        return f"at {self.at_s:g} s" if self.when is None else f"when {self.when}"


def _place(towards: str | tuple[float, ...]) -> str:
    return towards if isinstance(towards, str) else f"({towards[0]:g}, {towards[1]:g})"
