"""What commands say: to a person at a terminal, or into a file or pipe, where no row of a table is folded."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from rich.console import Console
from rich.table import Table

_UNBROKEN = 10_000
"""Columns of a table that nobody sees in a terminal: more than any has."""


def console(*, stderr: bool = False, markup: bool = True) -> Console:
    """A console of one command's module; it prints wherever ``sys.stdout`` (``sys.stderr``) leads at that moment."""
    return Console(stderr=stderr, markup=markup, highlight=False, soft_wrap=True, emoji=False)


def show_table(out: Console, table: Table) -> None:
    """Prints a table as wide as the terminal; elsewhere one line a row, whatever COLUMNS says."""
    if not out.is_terminal:
        out = Console(file=out.file, width=_UNBROKEN, highlight=False, emoji=False)
    out.print(table)


def spell_out() -> None:
    """From now on letters that the terminal's encoding lacks are spelt out, as \\u2026: no name ends a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and (stream.errors == "strict" or stream.encoding != "utf-8"):
            stream.reconfigure(errors="backslashreplace")
