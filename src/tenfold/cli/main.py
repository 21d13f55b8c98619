"""The program `tenfold`."""

import io
import os
import signal
import sys
from typing import Annotated, Final

import typer

import tenfold
from tenfold.cli import corrections
from tenfold.cli.batch import batch
from tenfold.cli.card import card
from tenfold.cli.compare import compare
from tenfold.cli.data_check import data_check
from tenfold.cli.datasets import datasets
from tenfold.cli.evaluate import evaluate
from tenfold.cli.explain import explain
from tenfold.cli.export import export
from tenfold.cli.fetch import fetch
from tenfold.cli.read import read
from tenfold.cli.recipes import recipes
from tenfold.cli.serve import serve
from tenfold.cli.show import show
from tenfold.cli.sweep import sweep
from tenfold.cli.train import train
from tenfold.errors import TenfoldError

INTERRUPTED: Final = 128 + signal.SIGINT

app = typer.Typer(
    name="tenfold",
    help="Read handwritten digits: in pictures; or get data, train a reader, see what it gets wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
NEEDING_ARGUMENTS: Final = {
    *(fetch, show, data_check, sweep, evaluate, compare, card, explain, read, batch, export),
}

COMMANDS: Final = (
    *(datasets, fetch, show, data_check, recipes, train, sweep, evaluate, compare, card, explain, read),
    *(batch, serve, export),
)
for command in COMMANDS:
    name = command.__name__.replace("_", "-")
    app.command(name, no_args_is_help=command in NEEDING_ARGUMENTS)(command)
app.add_typer(corrections.app, name="corrections")


def _print_version(wanted: bool) -> bool:
    if wanted:
        print(f"tenfold {tenfold.__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Read handwritten digits: in pictures; or get data, train a reader, see what it gets wrong."""


def main() -> None:
    """Run one command; exit 0, 1 after a tenfold error, 2 after a usage error, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a digit drawn in "?" beats a traceback
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # here, where a full disk or a closed pipe is caught, and not at exit
    except TenfoldError as error:
        print(f"tenfold: {error}", file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # what typer makes of a KeyboardInterrupt
            print("tenfold: interrupted.", file=sys.stderr)
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the flush at exit is silent
        if not isinstance(error, BrokenPipeError):
            print(f"tenfold: {error}", file=sys.stderr)
        sys.exit(1)
