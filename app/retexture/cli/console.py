"""What all commands share: their parser, messages on standard error, JSON on standard output."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from retexture.errors import InputError


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line on standard error; they end the program with exit code 2."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        say(f"{message}; `{self.prog} --help` shows how")
        self.exit(2)


Commands = argparse._SubParsersAction
"""What a command's `add` puts its parser into. The type has no public name."""


def say(message: str) -> None:
    """Print a message as one line on standard error."""
    print("retexture:", *message.split(), file=sys.stderr, flush=True)


class Notes:
    """What the user should know, although the work goes on: printed at once, and kept for the report."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, *texts: str) -> None:
        """Print and keep each text."""
        for text in texts:
            self.texts.append(text)
            say(f"note: {text}")


def print_json(value: Any) -> None:
    """Print a value as JSON, in ASCII: readable whatever the encoding of standard output."""
    print(json.dumps(value, indent=2))


@contextmanager
def option_errors(option: str, remedy: str) -> Iterator[None]:
    """Turn the ValueError of a setting that is wrong into the one-line error of the command line."""
    try:
        yield
    except ValueError as error:
        raise InputError(option, str(error), remedy) from error


@contextmanager
def status_line() -> Iterator[Callable[[str], None] | None]:
    """Give a function that shows a text in place of the one before, on a terminal only; it is erased at the end."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(text: str) -> None:
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        show("")


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function to be told (done, in all), from any thread; it shows per cent on a terminal only."""
    shown = -1
    with status_line() as line:

        def show(done: int, total: int) -> None:
            nonlocal shown
            percent = 100 * done // total
            if line is not None and percent > shown:
                shown = percent
                line(f"{label} {percent} %")

        yield show


@contextmanager
def steps() -> Iterator[Callable[[str, float], None]]:
    """Give a function to be told what is being done and how much of it is, 0-1; it shows on a terminal only."""
    with status_line() as line:
        yield lambda step, done: None if line is None else line(f"{step} {100 * done:.0f} %")
