"""What a press of a retouching tool would bring, shown inside its outline."""

import msgspec
import numpy as np
import pytest

from tests.gui.retouching import DOCUMENT, Bench
from tests.gui.stage import ALT, MOVE, expected, mouse, shot
from tests.session.blemished import HEIGHT, WIDTH, separated
from tests.texture.skin import disc


@pytest.fixture
def bench(qtbot, workspace):
    return Bench(qtbot, workspace)


@pytest.fixture
def over(bench, monkeypatch):
    """Move the pointer, and return where the screen shows something else than the picture: (H, W)."""
    monkeypatch.setattr(bench.canvas, "underMouse", lambda: True)

    def move(x, y, **options):
        mouse(bench.canvas, MOVE, x, y, held=False, **options)
        shot(bench.canvas)  # what is missed is asked for
        bench.settle()
        return shot(bench.canvas)

    return move


INSIDE = disc(HEIGHT, WIDTH, 200, 150, 12) == 1
"""Within the outline of a brush of 32 px."""


def test_the_outline_shows_what_a_press_would_bring_and_the_document_stays(bench, over):
    bench.source(300, 100)
    shown = over(200, 150)
    assert bench.session.document is DOCUMENT
    bench.draw((200, 150), (200, 151))
    brought = expected(bench.canvas, bench.session.document)
    assert (brought != expected(bench.canvas, DOCUMENT))[INSIDE].any()
    assert np.array_equal(shown[INSIDE], brought[INSIDE])
    assert bench.session.history.undo_label == "Clone Stamp"


def test_on_a_texture_layer_it_shows_the_picture_that_would_come_of_it(qtbot, workspace, monkeypatch):
    bench = Bench(qtbot, workspace, separated())
    before = bench.session.document
    monkeypatch.setattr(bench.canvas, "underMouse", lambda: True)
    bench.source(300, 100)
    mouse(bench.canvas, MOVE, 200, 150, held=False)
    shot(bench.canvas)
    bench.settle()
    shown = shot(bench.canvas)
    bench.draw((200, 150), (200, 151))
    assert bench.session.document is not before
    assert np.array_equal(shown[INSIDE], expected(bench.canvas, bench.session.document)[INSIDE])


@pytest.mark.parametrize("aligned", [True, False])
def test_what_is_shown_is_aligned_as_the_next_stroke_is(bench, over, aligned):
    bench.state.set_aligned(aligned)
    bench.source(300, 100)
    bench.draw((100, 250), (100, 251))
    shown = over(200, 150)
    bench.draw((200, 150), (200, 151))
    assert np.array_equal(shown[INSIDE], expected(bench.canvas, bench.session.document)[INSIDE])


def test_nothing_is_shown_while_a_source_is_picked_nor_where_no_stroke_can_begin(bench, over):
    bench.source(300, 100)
    plain = expected(bench.canvas, DOCUMENT)
    assert not np.array_equal(over(200, 150)[INSIDE], plain[INSIDE])
    assert np.array_equal(over(200, 150, modifiers=ALT)[INSIDE], plain[INSIDE])
    over(200, 150)
    bench.session.edit(
        "Lock",
        lambda d: msgspec.structs.replace(d, layers=(msgspec.structs.replace(d.layers[0], locked=True),)),
    )
    bench.settle()
    assert np.array_equal(over(200, 150)[INSIDE], plain[INSIDE])


def test_after_undo_the_outline_shows_no_picture_that_is_gone(bench, over):
    bench.source(300, 100)
    bench.draw((200, 150), (220, 150))
    over(200, 150)
    bench.session.undo()
    bench.settle()
    shot(bench.canvas)
    bench.settle()
    shown = shot(bench.canvas)
    bench.draw((200, 150), (200, 151))
    assert np.array_equal(shown[INSIDE], expected(bench.canvas, bench.session.document)[INSIDE])


def test_in_a_wipe_the_picture_before_stays_as_it_is(bench, over):
    bench.source(300, 100)
    bench.canvas.set_look(mode="wipe")
    bench.settle()
    shown, plain = over(200, 80), expected(bench.canvas, DOCUMENT)
    inside = disc(HEIGHT, WIDTH, 200, 80, 12) == 1
    left, right = inside.copy(), inside.copy()
    left[:, 198:], right[:, :203] = False, False
    assert np.array_equal(shown[left], plain[left])
    assert not np.array_equal(shown[right], plain[right])
