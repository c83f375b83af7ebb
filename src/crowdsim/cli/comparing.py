"""What `crowdsim compare` does and shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from crowdsim.experiment import compare_folder
from crowdsim.experiment.arm_folders import read_arms
from crowdsim.experiment.compare import RULE, Comparison, compare
from crowdsim.experiment.wording import is_headline


def run_compare(console: Console, folders: Sequence[Path], out: Path | None, *, force: bool, as_json: bool) -> None:
    """Compare runs, show what differs, and write it if a folder is named.

    Raises
    ------
    ScenarioError
        With every folder that cannot be compared.
    RunFolderError
        If the folder cannot be written.
    """
    comparisons = compare(read_arms(folders))
    if out:
        compare_folder.open_folder(out, force=force)
        compare_folder.write(comparisons, out)
    if as_json:
        told = compare_folder.document(comparisons) | ({"folder": str(out)} if out else {})
        typer.echo(json.dumps(told, allow_nan=False))
        return
    for one in comparisons:
        _print(console, one)
    console.print(RULE, style="dim", highlight=False, markup=False)
    if out:
        console.print(f"Folder: {out}", highlight=False, markup=False, soft_wrap=True)


def _print(console: Console, one: Comparison) -> None:
    """Print what was changed, the material changes in sentences, and the table of headline figures."""
    console.print(f"[bold]{escape(one.second.name)}[/bold] beside {escape(one.first.name)}", highlight=False)
    console.print(one.how, style="dim", highlight=False, markup=False)
    console.print(f"Verdicts: {one.verdicts[0]} before, {one.verdicts[1]} after", highlight=False, markup=False)
    _print_list(console, "What was changed", one.changed)
    _print_list(console, "What that does", one.material or ["no material change"])
    table = Table(header_style="bold", caption="* material; compare.json has every figure", caption_justify="left")
    table.add_column("Figure")
    for head in (one.first.name, one.second.name, "Change", "95 % interval"):
        table.add_column(escape(head), justify="right")
    for figure in one.figures:
        if is_headline(figure.key):
            table.add_row(*(escape(cell) for cell in compare_folder.cells(figure)))
    console.print(table)


def _print_list(console: Console, title: str, texts: Sequence[str]) -> None:
    """Print texts below each other, their later lines indented."""
    console.print(title, style="bold")
    table = Table.grid(padding=(0, 1))
    for text in texts:
        table.add_row("-", Text(text))
    console.print(table)
