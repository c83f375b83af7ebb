"""The command line, and what each kind of failure means for the exit code."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

import typer
from rich.console import Console

from crowdsim.cli.commands import engine, many, one, told
from crowdsim.cli.options import EXIT_BAD_INPUT, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_UNREAD
from crowdsim.cli.screen import make_console, print_problems
from crowdsim.errors import CrowdSimError, MissingExtraError, RunFolderError, ScenarioError

app = typer.Typer(
    help="Simulate crowds at events: from a venue plan and a schedule to a verdict with pictures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: dict[str, Callable[..., None]] = {
    "list": one.list_scenarios,
    "new": one.new,
    "show": one.show,
    "import": one.import_,
    "run": one.run,
    "check": many.check,
    "sweep": many.sweep,
    "optimise": many.optimise,
    "compare": many.compare,
    "report": told.report,
    "animate": told.animate,
    "validate": engine.validate,
    "bench": engine.bench,
}
"""What can be asked for, in the order of the help."""

for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> NoReturn:
    """Run the command line.

    Exits with 0, 1 if `check` did not end in a pass, `optimise` found nothing, a case of `validate` failed or `bench`
    found the engine slower, 2 for bad input or usage, 3 if a run failed, 130 if interrupted.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: the run folder is closed first
    sys.exit(_run_app(make_console(stderr=True)))


def _run_app(console: Console) -> int:
    """Run the command that the arguments name and return the exit code; errors are told on the console."""
    code: object = EXIT_FAILED
    try:
        code = app(standalone_mode=False)
    except (ScenarioError, RunFolderError, MissingExtraError) as error:
        print_problems(console, error)
        code = EXIT_BAD_INPUT
    except CrowdSimError as error:
        print_problems(console, error)
    except MemoryError:
        console.print("out of memory: lower the number of attendees, or set a larger grid_step_m")
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):
        code = EXIT_UNREAD
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            traceback.print_exc()
        else:  # a usage error, which knows its message
            show()
            code = EXIT_BAD_INPUT
    if code == EXIT_INTERRUPTED:  # typer returns this code if a command is interrupted
        console.print("interrupted; if a run folder was begun, it says that it is partial")
    return code if isinstance(code, int) else 0
