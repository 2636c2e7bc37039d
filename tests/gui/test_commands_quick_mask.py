"""Quick Mask in the window, by keys and clicks."""

import numpy as np
import pytest

from retexture.document.document import find
from retexture.document.edits import insert_layer
from retexture.document.layers import FillLayer, LayerMask, RasterMask
from retexture.document.tree import filters_of
from retexture.filters.invert import Invert
from retexture.gui.window import MainWindow
from retexture.session.brush import Brush
from retexture.session.selections import FULL, inverted
from retexture.session.session import Session
from tests.gui.select_hand import MASK, RECT, SIZE, Hand
from tests.gui.small_documents import picture_document


@pytest.fixture
def hand(window: MainWindow) -> Hand:
    return Hand(window)


@pytest.mark.slow
def test_quick_mask_by_key(hand: Hand) -> None:
    window = hand.window
    hand.select()
    hand.keys("Q")
    assert hand.session.quick_mask
    action = next(action for command, action in window.actions_ if command.name == "quick_mask")
    assert action.isChecked()
    window.paint.set_brush(Brush(size_px=60, hardness=1, smoothing=0, opacity_pressure=False))
    hand.click_picture(200.5, 150.5)
    assert hand.selected()[150, 200] == 0
    assert hand.selected()[60, 60] == FULL
    hand.run("invert_mask")
    assert hand.selected()[150, 200] == FULL
    assert hand.selected()[60, 60] == 0
    hand.keys("Q")
    assert not hand.session.quick_mask
    assert hand.messages[-1] == "Quick Mask ended: what is not red is selected"
    assert not action.isChecked()
    assert hand.selected()[150, 200] == FULL
    assert find(hand.document, "fill").mask == LayerMask(painted=RasterMask(MASK))


@pytest.mark.slow
def test_ctrl_i_inverts_what_is_painted_on(hand: Hand) -> None:
    before = MASK.to_array()
    hand.session.select("fill", "mask")
    hand.keys("Ctrl+I")
    mask = find(hand.document, "fill").mask
    assert mask is not None
    assert mask.painted is not None
    assert np.array_equal(mask.painted.tiles.to_array(), FULL - before)
    hand.session.select("fill")
    hand.keys("Ctrl+I")
    layer = find(hand.document, "fill")
    assert layer.mask == mask
    assert [item.filter for item in filters_of(layer)] == [Invert()]
    hand.select()
    hand.keys("Q")
    hand.keys("Ctrl+I")
    assert hand.is_selected(inverted(RECT))


@pytest.mark.slow
def test_quick_mask_begins_with_black_and_gives_the_ink_back(hand: Hand) -> None:
    window, paint = hand.window, hand.window.paint
    hand.keys("Q")
    paint.set_brush(Brush(size_px=60, hardness=1, smoothing=0, opacity_pressure=False))
    hand.click_picture(200.5, 150.5)
    assert hand.selected()[150, 200] == 0
    assert hand.selected()[60, 60] == FULL
    hand.keys("X")
    assert paint.white
    first = hand.session
    window.workspace.add(Session(picture_document(*SIZE), title="other"))
    assert paint.white
    hand.keys("X")
    window.workspace.activate(first)
    assert not paint.white
    hand.keys("X")
    hand.keys("Q")
    assert not paint.white


def test_the_options_bar_shows_the_ink_of_what_is_painted_on(hand: Hand) -> None:
    ink = hand.window.tool_options.ink_options
    hand.session.edit("Fill", lambda d: insert_layer(d, FillLayer(key="grey", name="Grey")), select="grey")
    assert ink.swatch.isVisible()
    hand.session.select("fill", "mask")
    assert not ink.swatch.isVisible()


def test_the_options_bar_paints_the_quick_mask(hand: Hand) -> None:
    options = hand.window.tool_options
    hand.session.select("paint")
    assert options.ink_options.swatch.isVisible()
    assert not options.mask_options.invert.isEnabled()
    hand.select()
    hand.keys("Q")
    assert options.ink_options.mask_ink.isVisible()
    assert not options.ink_options.swatch.isVisible()
    options.mask_options.invert.click()
    assert hand.is_selected(inverted(RECT))
    assert not options.mask_options.feather_button.isEnabled()


def test_quick_mask_that_is_red_everywhere_says_so(hand: Hand) -> None:
    hand.keys("Q")
    hand.run("fill_foreground")
    hand.keys("Q")
    assert hand.document.selection is None
    assert hand.messages[-1] == "Nothing is selected: the Quick Mask was red everywhere"
