"""Options and exit codes that commands share."""

from __future__ import annotations

from typing import Annotated

import typer

EXIT_CRITERION = 1
"""`check` did not end in a pass, `optimise` found nothing that passes, a case of `validate` failed, or
`bench --against` found the engine slower."""

EXIT_BAD_INPUT, EXIT_FAILED, EXIT_INTERRUPTED = 2, 3, 130
EXIT_UNREAD = 141
"""Nobody reads the output any more: what shells report for SIGPIPE."""

Source = Annotated[str, typer.Argument(metavar="SCENARIO", help="A bundled scenario, or a scenario folder or file.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Any key of the scenario, in Hydra's override grammar."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
