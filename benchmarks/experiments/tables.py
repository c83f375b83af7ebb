"""The comparison as a table on the terminal, as Markdown and as JSON."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.experiments.comparison import Comparison, Figure

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
"""Between these two lines of a page its table is replaced."""

HEADINGS = ("run", "quantity", "measured", "same rule", "simulated", "sd over seeds", "error")


def show(comparison: Comparison) -> None:
    """Print the table."""
    table = Table()
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in HEADINGS[:2] else "right", no_wrap=True)
    for _, rows in groupby(comparison.figures, key=lambda figure: figure.run):
        for k, figure in enumerate(rows):
            run, quantity, *numbers = cells(figure)
            table.add_row(run if k == 0 else "", quantity.replace("[", r"\["), *numbers)
        table.add_section()
    console = Console(width=None if Console().is_terminal else 110)
    console.print(table)
    for line in remarks(comparison):
        console.print(line, markup=False, soft_wrap=True)


def cells(figure: Figure) -> tuple[str, ...]:
    """Return a figure's row."""
    return (
        figure.run,
        figure.quantity,
        f"{figure.measured:.2f}",
        "-" if figure.by_rule is None else f"{figure.by_rule:.2f}",
        f"{figure.mean:.2f}",
        "-" if figure.sd is None else f"{figure.sd:.2f}",
        f"{figure.error:+.0%}",
    )


def remarks(comparison: Comparison) -> list[str]:
    """Return what the table does not say: who was left inside, and which figures are not as known."""
    lines = [
        f"{run}: {min(seeds)} to {max(seeds)} people not through at the end of the simulation"
        for run, seeds in comparison.stuck().items()
    ]
    return lines + [f"warning: {text}" for text in comparison.changed]


def markdown(comparison: Comparison) -> str:
    """Return the table and the remarks as Markdown."""
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [cells(figure) for figure in comparison.figures]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    seeds = len(comparison.figures[0].simulated)
    seeds_text = "1 seed" if seeds == 1 else f"{seeds} seeds"
    return "\n\n".join([table, "\n".join([f"{seeds_text}.", *(f"{line}." for line in remarks(comparison))])]) + "\n"


def as_json(comparison: Comparison) -> str:
    """Return all figures with every seed's value."""
    content = {"figures": [figure.row() for figure in comparison.figures], "stuck": comparison.stuck()}
    return json.dumps(content, indent=2)


def refresh(page: Path, comparison: Comparison) -> None:
    """Replace the table in a page; raises ValueError if the page has no place for it."""
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        msg = f"{page}: has no lines {BEGIN} and {END}"
        raise ValueError(msg)
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    page.write_text(f"{before}{BEGIN}\n{markdown(comparison)}{END}{after}", encoding="utf-8")
