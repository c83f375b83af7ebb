"""Figures and verdicts of a check in words."""

from __future__ import annotations

from typing import Any

from crowdsim.assess import FAIL, PASS
from crowdsim.report.words import number


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.4g} %"


def tell_criterion(row: dict[str, Any]) -> str:
    """Return what a criterion of a `check.json` came to, in a sentence."""
    n = row["replications"]
    runs = f"{row['passed']} of {n} runs passed"
    runs += f", {row['undecided']} undecided" if row["undecided"] else ""
    low, high = row["probability_of_passing_ci95"]
    unit = row["unit"]
    mean = f"mean {number(row['mean'])} {unit}, limit {number(row['limit'])} {unit}" if row["values"] else "no value"
    why = f" ({'; '.join(row['reasons'])})" if row["reasons"] else ""
    return f"{row['verdict']}: {runs} (95 % interval {100 * low:.0f} to {100 * high:.0f} %); {mean}{why}"


def tell_verdict(document: dict[str, Any]) -> str:
    """Return what the verdict of a `check.json` says, and how sure it is."""
    rule, verdict = document["rule"], document["verdict"]
    if verdict == PASS:
        return (
            f"more than {percent(rule['bad_share'])} of runs pass every criterion's limit "
            f"(wrong in at most {percent(rule['error_pass'])} of checks)"
        )
    if verdict == FAIL:
        return (
            f"fewer than {percent(rule['good_share'])} of runs pass a criterion "
            f"(wrong in at most {percent(rule['error_fail'])} of checks)"
        )
    open_ = [row["id"] for row in document["criteria"] if row["verdict"] not in (PASS, FAIL)]
    why = document["status"] if document["status"] != "settled" else "runs could not be decided"
    return f"{', '.join(open_) or 'no criterion was judged'}: {why}; this is no pass"
