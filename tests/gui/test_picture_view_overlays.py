"""Rubylith, masks and filters shown in place of the picture or over it, and how they follow edits."""

from typing import Any

import msgspec
import numpy as np

from retexture.document.document import find
from retexture.document.edits import delete_layer, insert_layer, replace_layer, set_parameter
from retexture.document.layers import BlendIf, FillLayer, Range, Sliders, smart
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.cache import Cache
from retexture.session import pictures
from retexture.session.drawing import Picture, draw
from tests.gui.picture_stage import DOCUMENT, assert_shows, paint_live
from tests.gui.stage import expected, make_canvas, settle, shot


def test_overlays_are_shown_and_follow_strokes(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    session = workspace.session
    session.select("texture", "mask")
    looks: list[tuple[dict[str, Any], Any]] = [
        ({"rubylith": True}, lambda d: pictures.with_rubylith(d, "texture")),
        ({"rubylith": False, "mask_of": ("texture", None)}, lambda d: pictures.mask_picture(d, "texture")),
        (
            {"mask_of": None, "filter": ("texture", "high_pass")},
            lambda d: pictures.filter_picture(d, "texture", "high_pass"),
        ),
    ]
    for changes, picture in looks:
        canvas.set_look(**changes)
        settle(canvas)
        assert_shows(canvas, picture(session.document))
        assert canvas.displayed() == picture(session.document)
        paint_live(session, [(150, 100), (260, 180)])
        settle(canvas)
        assert_shows(canvas, picture(session.document))
        session.undo()
        settle(canvas)
        assert_shows(canvas, picture(session.document))
    canvas.set_look(filter=None)
    settle(canvas)
    assert_shows(canvas, session.document)


def test_a_mask_that_is_off_is_shown_and_follows_strokes(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, set_parameter(DOCUMENT, "texture.visible", False))
    session = workspace.session
    session.select("texture", "mask")
    canvas.set_look(mask_of=("texture", None))
    settle(canvas)
    paint_live(session, [(150, 100), (260, 180)])
    settle(canvas)
    assert_shows(canvas, pictures.mask_picture(session.document, "texture"))


def test_a_filter_of_an_invisible_layer_follows_what_it_reads(qtbot, workspace):
    """Where it changes is not where the result does."""
    filters = smart(ApplyImage(source="paint", blending="normal", invert=False), GaussianBlur(radius_px=6))
    reader = FillLayer(key="reader", name="", visible=False, filters=filters)
    document = insert_layer(DOCUMENT, reader)
    canvas = make_canvas(qtbot, workspace, document)
    session = workspace.session
    canvas.set_look(filter=("reader", "gaussian_blur"))
    settle(canvas)
    session.select("paint")
    paint_live(session, [(150, 100), (260, 180)], mask=False)
    settle(canvas)
    assert_shows(canvas, pictures.filter_picture(session.document, "reader", "gaussian_blur"))


def test_what_blend_if_hides_is_tinted(qtbot, workspace):
    judged = BlendIf(underlying=Sliders(gray=Range(60, 120, 255, 255)))
    layer = msgspec.structs.replace(find(DOCUMENT, "texture"), blend_if=judged)
    document = replace_layer(DOCUMENT, "texture", layer)
    canvas = make_canvas(qtbot, workspace, document)
    canvas.set_look(hidden_of="texture")
    settle(canvas)
    region = canvas.panes()[0].viewport.region
    wanted = draw(Picture(document, "texture"), 1.0, region, exact=True, cache=Cache(1 << 26))[..., :3]
    assert np.array_equal(shot(canvas), wanted)
    assert not np.array_equal(wanted, expected(canvas, document))


def test_an_overlay_goes_with_its_layer(qtbot, workspace):
    canvas = make_canvas(qtbot, workspace, DOCUMENT)
    told = []
    canvas.look_changed.connect(lambda: told.append(canvas.look))
    canvas.set_look(mask_of=("texture", None))
    workspace.session.edit("Delete", lambda d: delete_layer(d, "texture"))
    settle(canvas)
    assert canvas.look.plain
    assert len(told) == 2
    assert_shows(canvas, workspace.session.document)
