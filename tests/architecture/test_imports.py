"""What may be imported where, beyond the layers that import-linter checks."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
PACKAGE = APP / "retexture"

# Only these packages may know the libraries on the right. Names are top-level modules.
CONFINED = {
    "gui": {"PySide6", "shiboken6"},
    "files": {"imageio", "PIL", "psd_tools", "tifffile"},
}


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(APP).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    """The top-level names of all imports of a file, also of those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.slow
@pytest.mark.parametrize("owner", CONFINED)
def test_library_is_known_to_one_layer_only(owner: str) -> None:
    strays = {
        f"{module_name(path)} imports {name}"
        for path in python_files()
        if path.relative_to(PACKAGE).parts[0] != owner
        for name in set(imported(path)) & CONFINED[owner]
    }
    assert not strays


@pytest.mark.slow
def test_nothing_but_the_gui_loads_qt() -> None:
    modules = [module_name(path) for path in python_files() if path.stem != "__main__"]
    modules = [name for name in modules if not name.startswith("retexture.gui")]
    assert "retexture" in modules
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in ('PySide6', 'shiboken6')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *modules],
        env={**os.environ, "PYTHONPATH": str(APP)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_every_file_is_short_enough_to_read() -> None:
    """The limit is the project's own: a longer file holds more than one idea."""
    texts = {module_name(path): path.read_text(encoding="utf-8") for path in python_files()}
    lengths = {name: len(text.splitlines()) for name, text in texts.items()}
    assert {name: length for name, length in lengths.items() if length > 450} == {}
