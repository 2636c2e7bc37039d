"""The pinned requirements agree with each other and with pyproject.toml, and name no host."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "requirements"


def pins(name: str) -> dict[str, str]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, flags=re.MULTILINE))


def declared(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return {re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0].lower() for line in lines}


def test_development_set_holds_the_other_one() -> None:
    """./run test installs dev.txt alone and then takes runtime.txt for installed."""
    assert pins("runtime.txt").items() <= pins("dev.txt").items()


@pytest.mark.parametrize(
    ("name", "extras"), [("runtime.txt", ("sample", "kernel")), ("dev.txt", ("sample", "kernel", "dev"))]
)
def test_everything_declared_is_pinned(name: str, extras: tuple[str, ...]) -> None:
    assert declared(*extras) <= set(pins(name))


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_every_pin_has_a_hash_and_no_address(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, flags=re.MULTILINE)
    entries = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(name))
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_direct_dependency_has_its_reason() -> None:
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| ([a-zA-Z0-9_-]+) \|", table, flags=re.MULTILINE))
    assert declared("sample", "kernel", "dev") <= {name.lower() for name in named}
