"""The validation page: one HTML file that opens offline."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from crowdsim.validate.judging import number
from crowdsim.validate.suite import Entry

TEMPLATE = "validation.html.j2"

ORIGINS = {
    "standard": "the source",
    "literature": "literature or other implementations",
    "ours": "us",
    "none": "none",
}
WORDS = {"pass": "pass", "fail": "fail", "documented": "documented"}
SIGNS = {"pass": "✓", "fail": "✗", "documented": "–"}


def render(entries: Sequence[Entry]) -> str:
    """Return the page's HTML."""
    environment = Environment(
        loader=PackageLoader("crowdsim.validate", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["picture"] = lambda png: f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    movements = list(dict.fromkeys(entry.movement for entry in entries))
    return environment.get_template(TEMPLATE).render(
        version=version("crowdsim"),
        made=datetime.now().strftime("%Y-%m-%d %H:%M"),
        movements=movements,
        counts=_counts(entries),
        sections=_sections(entries),
        origins=ORIGINS,
        words=WORDS,
        signs=SIGNS,
        total=Counter(entry.outcome.verdict for entry in entries),
    )


def _counts(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return a row per movement model and suite with the numbers of verdicts."""
    keys = list(dict.fromkeys((entry.movement, entry.case.suite) for entry in entries))
    rows = []
    for movement, suite in keys:
        mine = [e for e in entries if (e.movement, e.case.suite) == (movement, suite)]
        count = Counter(e.outcome.verdict for e in mine)
        rows.append({"movement": movement, "suite": suite, "edition": mine[0].case.edition, "count": count})
    return rows


def _sections(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the cases, each with its entries: one a movement model."""
    cases = {entry.case.id: entry.case for entry in entries}
    return [{"case": case, "entries": [e for e in entries if e.case.id == id]} for id, case in cases.items()]
