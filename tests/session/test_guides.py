import msgspec
import pytest

from retexture.document.check import check
from retexture.document.document import find, walk
from retexture.document.edits import delete_layer, replace_layer
from retexture.document.layers import PaintLayer
from retexture.document.settings import find_slot
from retexture.document.tree import filters_of
from retexture.recipes import RECIPES
from retexture.recipes.apply import trial_document
from retexture.session.guides import GUIDES, Brush, brush_size_px, is_possible, with_mask

STEPS = [
    pytest.param(name, step, id=f"{name}-{n}")
    for name, steps in GUIDES.items()
    for n, step in enumerate(steps, 1)
]


def test_every_recipe_has_a_guide_and_no_other():
    assert set(GUIDES) == set(RECIPES)


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_a_step_names_what_is_in_the_recipes_document(name, step):
    document = trial_document(RECIPES[name], masked=False)
    shown = {layer.key for layer in walk(document.layers)}
    if step.kind != "review":
        assert step.layer in shown
    if step.filter:
        assert step.filter in [item.key for item in filters_of(find(document, step.layer))]
    for control in step.controls:
        _, slot = find_slot(document, control.path)
        assert slot.parameter.kind in ("number", "integer", "switch", "choice")


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_a_step_has_what_its_kind_needs(name, step):
    assert bool(step.filter) == (step.kind == "texture")
    assert (step.brush is not None) == (step.kind in ("mask", "paint"))
    assert (step.layer == "") == (step.kind == "review")
    if step.kind in ("texture", "settings"):
        assert step.controls
    if step.kind == "mask":
        assert step.layer == RECIPES[name].masked
    if step.kind == "paint":
        document = trial_document(RECIPES[name], masked=False)
        assert isinstance(find(document, step.layer), PaintLayer)


@pytest.mark.parametrize("steps", GUIDES.values(), ids=GUIDES)
def test_a_guide_is_short_and_ends_with_a_review(steps):
    assert 3 <= len(steps) <= 4
    assert [step.kind for step in steps].index("review") == len(steps) - 1
    for step in steps:
        assert len(step.title) <= 32
        assert len(step.text) <= 240
        assert step.text.endswith(".")


@pytest.mark.parametrize("masked", [False, True])
def test_a_missing_mask_is_added_white_beside_what_is_there(masked):
    document = trial_document(RECIPES["hybrid-fs"], masked=masked)
    after = with_mask(document, "high")
    check(after)
    mask, before = find(after, "high").mask, find(document, "high").mask
    assert mask.components == before.components
    if masked:
        assert after is document
    else:
        assert mask.painted is not None
        assert (mask.painted.tiles.to_array() == 65535).all()


def test_a_step_whose_layer_is_gone_is_not_possible():
    document = trial_document(RECIPES["high-pass"], masked=False)
    texture, mask, _, review = GUIDES["high-pass"]
    assert is_possible(document, texture)
    without = delete_layer(document, "texture")
    assert not is_possible(without, texture)
    assert not is_possible(without, mask)
    assert is_possible(without, review)


def test_a_step_whose_filter_is_gone_is_not_possible():
    document = trial_document(RECIPES["high-pass"], masked=False)
    layer = find(document, "texture")
    bare = replace_layer(document, "texture", msgspec.structs.replace(layer, filters=()))
    texture, mask, *_ = GUIDES["high-pass"]
    assert not is_possible(bare, texture)
    assert is_possible(bare, mask)


def test_the_brush_is_a_part_of_the_shorter_side():
    document = trial_document(RECIPES["grain"], masked=False)
    wide = msgspec.structs.replace(document, width_px=6000, height_px=4000)
    assert brush_size_px(wide, Brush(white=True, opacity=0.2, size_part=1 / 10)) == 400
    assert brush_size_px(document, Brush(white=True, opacity=0.2, size_part=1 / 100)) == 1
