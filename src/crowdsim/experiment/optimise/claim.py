"""What was shown of an answer, in words: no more than that."""

from __future__ import annotations

from crowdsim.assess import PASS
from crowdsim.experiment.optimise.screen import MARGIN
from crowdsim.experiment.optimise.search import BUDGET_SPENT, FOUND, NONE_PASSES, Search
from crowdsim.experiment.optimise.trying import FEW
from crowdsim.experiment.told import percent


def claim_of(search: Search) -> list[str]:
    """Return what was shown, a sentence each."""
    quest, rule = search.quest, search.quest.rule
    told = []
    if search.answer:
        who = "The layout found" if len(search.answer) == 1 else "Each layout found"
        told.append(
            f"{who} {_does(search)} in more than {percent(rule.bad)} of runs, shown anew with fresh seeds "
            f"(wrong in at most {percent(rule.error_pass)} of such searches)."
        )
    if search.status == BUDGET_SPENT:
        told.append(f"The budget of {quest.effort.budget_runs} runs was spent before the search was at its end.")
    elif search.status in (FOUND, NONE_PASSES):
        told.append(_how_good(search))
    if search.ruled_out:
        n = len(search.ruled_out)
        told.append(
            f"{n} of {quest.space.size} layouts {'was' if n == 1 else 'were'} ruled out by hand: the estimate is more "
            f"than {MARGIN:g} times the limit of {search.screen.limit_s:g} s."
        )
    return told


def _does(search: Search) -> str:
    aims = search.quest.aims
    parts = ["passes"] if aims.verdict else []
    return " and ".join([*parts, *(f"keeps to {limit.text}" for limit in aims.limits)])


def _how_good(search: Search) -> str:
    """Return what is known of other layouts."""
    quest = search.quest
    left = "".join(f" with {bound.text}" for bound in quest.aims.bounds)
    left += " that is not ruled out by hand" if search.ruled_out else ""
    one_total = quest.cost(quest.space.top) is not None
    if not search.answer:
        return f"None passes: every layout{left} was tried." if search.in_order else "None that was sampled passes."
    if search.in_order and one_total:
        less = f"{left} and costs less" if left else " that costs less"
        return f"No cheaper one passes: every layout{less} was tried, {_cheaper(search)} in all."
    few = f"what is minimised is a mean over {FEW} runs or more"
    if search.in_order:
        return f"Every layout{left} was looked at; {few}."
    if one_total:
        return (
            f"No layout one step narrower in any one key passes{_but_by_hand(search)}; {_cheaper(search)} layouts that "
            "cost less were tried, not all that there are."
        )
    return f"Layouts were sampled, so that a better one may have been missed; {few}."


def _cheaper(search: Search) -> int:
    """Return how many layouts that cost less than the answer were tried, and do not pass."""
    cost = search.quest.cost
    answer = cost(search.answer[0]) or 0.0
    return sum((cost(p) or 0.0) < answer and t.verdict != PASS for p, t in search.tries.trials.items() if t.rows)


def _but_by_hand(search: Search) -> str:
    below = search.quest.space.one_step_down(search.answer[0])
    out = sum(place in search.ruled_out for place in below)
    return f" ({out} of {len(below)} by hand)" if out else ""
