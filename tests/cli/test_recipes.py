"""``recipes`` lists exactly what can be set; and whatever is listed changes the picture when it is set."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retexture.cli.recipes import describe_recipe
from retexture.document.document import Document
from retexture.document.pixels import Pixels
from retexture.files.images import write_image
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.base import Materials, Recipe
from retexture.recipes.measuring import Measured, measure
from retexture.render.render import flatten
from retexture.sample import Sample
from tests.cli.pictures import Runner

NAMES = tuple(RECIPES)

BEFORE = {
    "texture-graft": ["patch=10,10,48,48"],
    "hybrid-fs": ["retouched_group.gaussian_blur.enabled=on", "high.mask.luminosity.enabled=on"],
    # The composite shows no change until the copy is smoothed.
    "texture-extractor": ["smooth.surface_blur.radius_px=4", "smooth.smooth_blur.radius_px=2"],
    # At 100 % it changes nothing.
    "auto": ["texture.texture_gain.amount_percent=60"],
    # Neutral grey shows nothing in its own mode.
    "dodge-burn": ["dodge_burn.blend_mode=multiply"],
}
"""Settings that let all others of a recipe be seen."""

ALSO = {
    "high.mask.luminosity.range": ["high.mask.luminosity.kind=range"],
}
"""The same for one parameter."""

UNSEEN = {
    r"grain": "the sample has none to match",
    r"plate|pores_per_face": "the sample has texture of its own",
    r".*\.name": "a text for people",
    r".*\.locked": "of edits",
    r".*\.mask\.linked": "of edits",
    r".*\.clips_as_group": "nothing is clipped",
    r".*\.clipped": "the base is opaque all over, or there is none",
    r"(retouched|retouched_group)\.blend_if\.underlying\..*": "nothing is beneath",
    r"(retouched|retouched_group)\.blend_mode": "nothing is beneath",
    r"low\.blend_if\.underlying\..*": "nothing is beneath",
    r"low\.blend_mode": "nothing is beneath",
    r"original\.blend_if\.underlying\..*": "nothing is beneath",
    r"original\.blend_mode": "nothing is beneath",
    r"texture\.texture_transfer\.source": "what is merged beneath is the retouched picture",
    r"texture\.mask\.alignment\.(enabled|density|feather_px)": "the pictures lie exactly: white all over",
}
"""Patterns of parameters that change nothing in the picture, and why."""

SEEN = {"texture-extractor": r"texture\.clipped", "texture-graft": r"plate"}
"""The exceptions: there the base is behind a mask, and a plate is laid whatever the sample has."""


def materials(sample: Sample, recipe: Recipe) -> Materials:
    part = np.s_[140:236, 100:196]
    original, retouched = (
        Pixels(p[(slice(None), *part)].copy()) for p in (sample.original, sample.retouched)
    )
    across = np.linspace(10000, 65535, 96, dtype=np.float32)
    mask = np.outer(across, across / 65535).astype(np.uint16)
    return Materials(original=original, retouched=None if recipe.flat else retouched, mask=mask)


def another(row: dict[str, Any], plate: Path) -> str:
    """A value that differs from the default, as ``--set`` takes it."""
    default = row["default"]
    match row["kind"]:
        case "switch":
            return "off" if default else "on"
        case "choice":
            return str(next(c for c in row["choices"] if c not in (default, "pass-through")))
        case "number" if ".transform." in row.get("path", ""):
            # Halves of a wide slider would turn the picture inside out.
            return repr(default + (0.2 if "scale" in row["path"] else 3))
        case "number":
            low, high = row["slider"]
            return repr((low + high) / 2 if default != (low + high) / 2 else low)
        case "integer":
            return str(default + 1)
        case "range":
            return "60/90|120/150"
        case "curve":
            return "0/0 128/180 255/255"
        case _:
            values = {"source": "merged", "patch": "5,8,60,60", "plate": str(plate), "colour": "0.2/0.4/0.6"}
            values["warp"] = " ".join(["3/-2"] * 16)
            return values.get(row["name"], "x")


def same(a: Document, b: Document) -> bool:
    """Whether two documents look the same, but for the rounding of another order of operations."""
    (colour, alpha), (other, other_alpha) = flatten(a), flatten(b)
    if (alpha is None) != (other_alpha is None):
        return False
    return int(np.abs(colour.astype(np.int32) - other).max()) <= 1


def measured_once(measure: Callable[..., Measured]) -> Callable[..., Measured]:
    """Measuring is slow, and the same for the same pictures."""
    known: dict[object, Measured] = {}

    def measure_once(materials: Materials, sensitivity: float) -> Measured:
        key = materials.original.id, sensitivity
        if key not in known:
            known[key] = measure(materials, sensitivity)
        return known[key]

    return measure_once


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_listed_parameter_changes_the_picture(
    sample: Sample, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("retexture.recipes.auto.measure", measured_once(measure))
    recipe = RECIPES[name]
    listed = describe_recipe(recipe)
    rows = [{**row, "name": row["path"].rpartition(".")[2]} for row in listed["parameters"]]
    rows += [{**row, "path": row["name"]} for row in listed["options"]]
    plate = tmp_path / "plate.png"
    write_image(plate, sample.original[:, :64, :64])
    given = materials(sample, recipe)
    wrong = []
    for row in rows:
        path = row["path"]
        before = [*BEFORE.get(name, ()), *ALSO.get(path, ())]
        set_already = [s.partition("=")[2] for s in before if s.startswith(f"{path}=")]
        value = {"on": "off"}.get(set_already[-1]) if set_already else None
        changed = build_document(recipe, given, None, [*before, f"{path}={value or another(row, plate)}"])
        hidden = any(re.fullmatch(pattern, path) for pattern in UNSEEN)
        hidden = hidden and not re.fullmatch(SEEN.get(name, ""), path)
        if same(build_document(recipe, given, None, before), changed) != hidden:
            wrong.append(path)
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_listing_is_complete(name: str):
    recipe = describe_recipe(RECIPES[name])
    assert recipe["summary"]
    assert set(recipe["presets"]) == set(RECIPES[name].presets)
    paths = {row["path"] for row in recipe["parameters"]} | {row["name"] for row in recipe["options"]}
    for values in recipe["presets"].values():
        assert set(values) <= paths
    for row in (*recipe["parameters"], *recipe["options"]):
        assert row["help"], row
        if row["kind"] in ("number", "integer"):
            assert row["low"] <= row["slider"][0] < row["slider"][1] <= row["high"]
            assert row["low"] <= row["default"] <= row["high"]
        if row["kind"] == "choice":
            assert row["default"] in row["choices"]
        if row.get("path", "").endswith("_px"):
            assert row["unit"] == "px"


def test_json_and_text_tell_the_same(run: Runner):
    listed = json.loads(run("recipes", "--json").out)
    assert [recipe["name"] for recipe in listed] == list(RECIPES)
    assert [recipe["name"] for recipe in listed if recipe["default"]] == ["auto"]
    text = run("recipes").out
    for recipe in listed:
        assert recipe["summary"] in text
        assert all(row["path"] in text for row in recipe["parameters"])
    (one,) = json.loads(run("recipes", "grain", "--json").out)
    assert one == next(recipe for recipe in listed if recipe["name"] == "grain")
    radius = next(row for row in one["parameters"] if row["path"] == "grain.gaussian_blur.radius_px")
    assert (radius["unit"], radius["default"], radius["needs_mask"]) == ("px", 1.0, False)
    assert next(r for r in one["parameters"] if r["path"] == "grain.mask.feather_px")["needs_mask"]
