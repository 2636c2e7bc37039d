"""The command ``retexture``: arguments in, exit code out."""

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retexture.cli import extract, inspect, recipes, render, restore, sample, score
from retexture.cli.console import Parser, say
from retexture.errors import InputError

# None of these imports numpy or anything that does: `retexture --help` is there at once.
COMMANDS = {
    module.__name__.rpartition(".")[2]: module
    for module in (restore, extract, render, score, inspect, recipes, sample)
}

EPILOG = """\
`retexture [FILES...]` opens the window: with a document, or an original and its retouched version.

example:
  retexture restore original.tif retouched.tif -o restored.tif

`retexture COMMAND --help` tells more. Exit codes: 0 done, 1 some items failed, 2 wrong usage or bad input.
"""

CUT_OFF = 130
"""The shell's exit code for a program that Ctrl+C ended."""


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(
        prog="retexture",
        description="Put a portrait's own skin texture back after AI smoothing.",
        epilog=EPILOG,
    )
    top.add_argument("--sample", action="store_true", help="open the window with a portrait to try things on")
    top.add_argument("--version", action="store_true", help="print versions and the engine that runs")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for module in COMMANDS.values():
        module.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default the program's own, and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _run(arguments))


def guarded(work: Callable[[], int]) -> int:
    """Do a program's work and return its exit code.

    0 done, 1 some items failed, 2 wrong usage or bad input: told in one line on standard error. Errors that
    nobody expected keep their traceback.
    """
    _accept_any_character()
    with _orderly_end():
        try:
            code = work()
            if sys.stdout is not None:  # closed by the caller
                sys.stdout.flush()
        except InputError as error:
            say(str(error))
            code = 2
        except BrokenPipeError:  # the reader of the output has seen enough
            _discard_output()
            code = 0
        except KeyboardInterrupt:
            code = CUT_OFF
        except MemoryError:
            say("there is not enough memory for this; close other programs or take smaller pictures")
            code = 2
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            say(f"{name}{error.strerror or error}; check the disk and the permissions")
            code = 2
    return code


def _run(arguments: list[str]) -> int:
    top = parser()
    if not arguments or (not arguments[0].startswith("-") and arguments[0] not in COMMANDS):
        return _open_window([Path(argument) for argument in arguments])
    try:
        args = top.parse_args(arguments)
    except SystemExit as end:  # --help, or a wrong argument: all is said
        return int(end.code or 0)
    if args.version:
        _print_version()
        return 0
    if args.sample:
        return _open_window([], sample=True)
    if args.command is None:
        raise InputError("command line", "a command is missing", "`retexture --help` lists them")
    code: int = args.run(args)
    return code


def _open_window(files: list[Path], *, sample: bool = False) -> int:
    """Open the window, with files that are there; a mistyped command is told from a file that is missing."""
    first = files[0] if files else None
    if first is not None and not first.exists() and first.name == str(first) and not first.suffix:
        names = ", ".join(COMMANDS)
        raise InputError(
            first,
            "is neither a command nor a file",
            f"the commands are {names}; `retexture --help` tells more",
        )
    from retexture.gui.app import run

    return run(files, sample=sample)


def _print_version() -> None:
    import platform

    from retexture import __version__
    from retexture.engine import ENGINE

    print(f"retexture {__version__}\nengine: {ENGINE}\npython {platform.python_version()}")


def _accept_any_character() -> None:
    """Let file names of any encoding be printed on terminals of any other."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Keep the interpreter from complaining when it flushes a closed pipe at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Turn the signals that end a program into SystemExit, so that half-written files are removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    told: list[int] = []

    def leave(number: int, _frame: Any) -> None:
        told.append(number)
        raise SystemExit(128 + number)

    names = ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # A signal that is ignored (nohup) stays so.
    before = {n: signal.signal(n, leave) for n in numbers if signal.getsignal(n) is not signal.SIG_IGN}
    try:
        yield
        if told:  # the exception was lost in a place that lets none through
            raise SystemExit(128 + told[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
