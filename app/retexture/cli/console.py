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
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function to be told (done, in all), from any thread; it shows per cent on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        percent = 100 * done // total
        if percent > shown:
            shown = percent
            sys.stderr.write(f"\r{label} {percent} %")
            sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


@contextmanager
def steps() -> Iterator[Callable[[str, float], None]]:
    """Give a function to be told what is being done and how much of it is, 0-1; it shows on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _step, _done: None
        return

    def show(step: str, done: float) -> None:
        sys.stderr.write(f"\r\033[K{step} {done:.0%}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
