"""Removes one thing at a time from the product and lists what no test misses.

    python tests/mutations.py             every mutation; some minutes
    python tests/mutations.py blend:      those whose name holds the text

Each mutation runs in a process of its own, with this file as a pytest plugin; a survivor is a mutation with which
every test passes. Exit 1 if there is one. The C++ kernel needs no mutations of its own: the numpy engine is held
against tables and the kernel against the numpy engine.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

VARIABLE = "RETEXTURE_MUTATION"
ROOT = Path(__file__).parent.parent


def _blend_as_normal(name: str) -> Callable[[], None]:
    def apply() -> None:
        from retexture.engine import blend
        from retexture.engine.modes import BlendMode

        wrong = blend.BLENDS[BlendMode.DARKEN if name == "normal" else BlendMode.NORMAL]
        blend.BLENDS[BlendMode(name)] = wrong

    return apply


def _filter_does_nothing(name: str) -> Callable[[], None]:
    def apply() -> None:
        from retexture.filters import FILTERS

        kind = next(f for f in FILTERS if f.__struct_config__.tag == name)
        kind.apply = lambda _self, colour, _context: colour.copy()  # type: ignore[method-assign, assignment]

    return apply


def _replace(module: str, path: str, value: object) -> Callable[[], None]:
    def apply() -> None:
        import importlib

        target = importlib.import_module(module)
        *parents, last = path.split(".")
        for parent in parents:
            target = getattr(target, parent)
        setattr(target, last, value)

    return apply


def _mask_ignores(field: str, neutral: Any) -> Callable[[], None]:
    def apply() -> None:
        import msgspec

        from retexture.render.contents import Contents

        plain = Contents.mask_plane
        Contents.mask_plane = (  # type: ignore[method-assign]
            lambda self, mask, region: plain(self, msgspec.structs.replace(mask, **{field: neutral}), region)
        )

    return apply


def _op_ignores(field: str, neutral: Any) -> Callable[[], None]:
    def apply() -> None:
        from retexture.render.stack import _Run

        plain = _Run._op
        _Run._op = (  # type: ignore[method-assign]
            lambda self, layer, planes, **changes: plain(self, layer, planes, **changes)._replace(
                **{field: neutral}
            )
        )

    return apply


def _recipe_ignores_preset(name: str) -> Callable[[], None]:
    def apply() -> None:
        import msgspec

        from retexture.recipes import RECIPES

        RECIPES[name] = msgspec.structs.replace(
            RECIPES[name], presets={preset: {} for preset in RECIPES[name].presets}
        )

    return apply


def mutations() -> dict[str, Callable[[], None]]:
    """Return every mutation by name."""
    sys.path.insert(0, str(ROOT / "app"))
    from retexture.engine.modes import BlendMode
    from retexture.filters import FILTERS
    from retexture.recipes import RECIPES

    found: dict[str, Callable[[], None]] = {}
    for mode in BlendMode:
        if mode not in (BlendMode.PASS_THROUGH, BlendMode.DISSOLVE):
            found[f"blend: {mode.value}"] = _blend_as_normal(mode.value)
    for kind in FILTERS:
        found[f"filter: {kind.__struct_config__.tag}"] = _filter_does_nothing(str(kind.__struct_config__.tag))
    for field, neutral in (("feather_px", 0.0), ("density", 1.0), ("inverted", False)):
        found[f"mask: {field}"] = _mask_ignores(field, neutral)
    for field, value in (
        ("masks", ()),
        ("luminosity", ()),
        ("opacity", 1.0),
        ("fill", 1.0),
        ("this_layer", None),
        ("underlying", None),
        ("alpha", None),
        ("atop", False),
        ("mode", BlendMode.NORMAL),
    ):
        found[f"layer: {field}"] = _op_ignores(field, value)
    found["layer: clipping"] = _replace("retexture.render.stack", "_unclipped", lambda layer: layer)
    found["group: pass-through"] = _replace(
        "retexture.render.stack", "_Run._passes_through", staticmethod(lambda _layer: False)
    )
    found["group: opacity"] = _replace(
        "retexture.render.stack", "mix", lambda _backdrop, result, _weight, *, depth: result
    )
    found["depth: neutral grey"] = _replace("retexture.filters.base", "Context.neutral", 0.4)
    for name, recipe in RECIPES.items():
        if recipe.presets:
            found[f"preset: {name}"] = _recipe_ignores_preset(name)
    return found


def pytest_configure() -> None:
    """Carry out the mutation that the environment names: pytest calls this where the file is a plugin."""
    if name := os.environ.get(VARIABLE):
        mutations()[name]()


def main(text: str = "") -> int:
    """Run every mutation whose name holds `text`; print survivors; return the exit status."""
    survivors = []
    tests = ["tests/engine", "tests/filters", "tests/render", "tests/recipes", "tests/cli"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "tests.mutations",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    for name in mutations():
        if text not in name:
            continue
        environment = os.environ | {VARIABLE: name, "RETEXTURE_ENGINE": "numpy"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        verdict = "survives" if done.returncode == 0 else "found" if done.returncode == 1 else "did not run"
        print(f"{verdict:12}{name}", flush=True)
        if verdict != "found":
            survivors.append(name)
    print(f"{len(survivors)} survivors" + (": " + ", ".join(survivors) if survivors else ""))
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
