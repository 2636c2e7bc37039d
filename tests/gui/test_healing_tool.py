"""Healing Brush, Spot Healing and Patch by the mouse: what comes of each, and what is said."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.document.document import find
from retexture.document.pixels import Pixels, Tiles
from retexture.gui.clone_state import HEALING
from retexture.render.render import render
from tests.gui.retouching import DOCUMENT, SPOT, Bench
from tests.gui.stage import MOVE, RELEASE, expected, mouse, shot
from tests.session.blemished import HEIGHT, WIDTH, separated, stored
from tests.texture.skin import disc, skin


@pytest.fixture
def bench(qtbot, workspace):
    return Bench(qtbot, workspace)


# -- Healing Brush


def test_the_healing_brush_shows_the_clone_and_then_heals(bench):
    bench.use("brush")
    bench.source(360, 260)
    bench.draw(SPOT, (201, 150), let_go=False)
    bench.settle()
    clone = bench.picture
    assert bench.tone_at_spot() > 0.03
    mouse(bench.canvas, RELEASE, 201, 150)
    bench.settle()
    assert bench.labels == ["Healing Brush"]
    assert bench.tone_at_spot() < 0.015
    assert not np.array_equal(bench.picture, clone)
    bench.session.undo()
    assert bench.session.document is DOCUMENT


def test_on_the_texture_of_a_separation_only_texture_is_healed(qtbot, workspace):
    bench = Bench(qtbot, workspace, separated())
    bench.use("brush")
    bench.source(300, 100)
    bench.draw(SPOT, (201, 150))
    bench.settle()
    assert bench.keys == ["low", "high", "high_retouch"]
    grey = find(bench.session.document, "high_retouch").tiles.to_array()
    inside = disc(HEIGHT, WIDTH, 200, 150, 10) == 1
    assert abs(float(grey[:3, inside].mean()) / 65535 - 0.5) < 0.01


@pytest.mark.parametrize("mode", ["brush", "spot"])
def test_what_is_begun_before_it_is_healed_finds_it_healed(bench, mode):
    bench.use(mode)
    bench.source(300, 100)
    bench.draw(SPOT, (201, 150))
    # At once, without waiting for the job.
    bench.session.set("skin.name", "Cheek", "Rename")
    assert bench.labels == [HEALING[mode], "Rename"]
    assert bench.tone_at_spot() < 0.02
    bench.settle()
    assert bench.labels == [HEALING[mode], "Rename"]


def test_undo_before_it_is_healed_drops_it(bench):
    bench.use("brush")
    bench.source(300, 100)
    bench.draw(SPOT, (201, 150))
    bench.session.undo()
    bench.settle()
    assert bench.session.document is DOCUMENT
    assert bench.labels == []


def test_strokes_in_a_row_are_all_healed(bench):
    bench.use("spot")
    for x in (120, 200, 280):
        bench.draw((x, 150), (x + 2, 150))
    bench.settle()
    assert bench.labels == ["Spot Healing"] * 3
    assert bench.tone_at_spot() < 0.02
    assert bench.said == ["Retouching goes to a new layer: Skin retouch"]


# -- Spot Healing


def test_one_click_heals_a_spot(bench):
    bench.use("spot")
    assert bench.tone_at_spot() > 0.08
    bench.draw(SPOT)
    bench.settle()
    assert bench.labels == ["Spot Healing"]
    assert bench.tone_at_spot() < 0.02
    untouched = disc(HEIGHT, WIDTH, 200, 150, 18) == 0
    assert np.array_equal(bench.picture[:, untouched], render(DOCUMENT)[:, untouched])


def test_while_it_is_marked_nothing_changes_but_the_film(bench):
    bench.use("spot")
    before = shot(bench.canvas)
    bench.draw((100, 100), (140, 100), let_go=False)
    bench.settle()
    assert np.array_equal(bench.picture, render(DOCUMENT))
    film = shot(bench.canvas)
    assert (film[100, 95:120] < before[100, 95:120]).all()
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    bench.settle()
    assert bench.session.document is DOCUMENT
    mouse(bench.canvas, MOVE, 390, 290, held=False)
    assert np.array_equal(shot(bench.canvas)[90:110, 90:150], before[90:110, 90:150])


def test_where_nothing_clean_is_near_it_says_so_and_changes_nothing(qtbot, workspace):
    stripes = np.where(np.arange(WIDTH) // 15 % 2, 0.1, 0.9) * np.ones((3, HEIGHT, 1))
    planes = np.where(disc(HEIGHT, WIDTH, *SPOT, 30) > 0, skin(HEIGHT, WIDTH), stripes)
    source = msgspec.structs.replace(DOCUMENT.sources[0], colour=Pixels(stored(planes, 16)))
    document = msgspec.structs.replace(DOCUMENT, sources=(source,))
    bench = Bench(qtbot, workspace, document)
    bench.use("spot")
    bench.draw(SPOT)
    bench.settle()
    assert bench.said[1:] == [
        "No clean texture is near: use the Healing Brush, and Alt-click what it shall take"
    ]
    assert bench.session.document is document
    assert bench.labels == []


def test_what_was_refused_or_taken_back_leaves_no_film(bench):
    bench.use("spot")
    before = shot(bench.canvas)[90:110, 90:150]
    bench.session.set("skin.locked", True, "Lock")
    bench.draw((100, 100), (140, 100))
    bench.session.undo()
    bench.draw((100, 100), (140, 100))
    bench.session.undo()
    bench.settle()
    mouse(bench.canvas, MOVE, 390, 290, held=False)
    assert np.array_equal(shot(bench.canvas)[90:110, 90:150], before)


# -- Patch


def around(radius, points=24):
    turns = np.linspace(0, 2 * np.pi, points)
    return [(SPOT[0] + radius * np.cos(t), SPOT[1] + radius * np.sin(t)) for t in turns]


def test_a_patch_is_drawn_then_dragged_to_a_clean_place(bench):
    bench.use("patch")
    assert bench.heal.diameter_px == 0
    bench.draw(*around(20))
    assert bench.session.document is DOCUMENT
    bench.draw(SPOT, (240, 140), (280, 130), let_go=False)
    bench.settle()
    # While it is dragged the clone is shown.
    inside = disc(HEIGHT, WIDTH, *SPOT, 16) == 1
    moved = np.roll(render(DOCUMENT), (20, -80), axis=(1, 2))
    assert np.array_equal(bench.picture[:, inside], moved[:, inside])
    mouse(bench.canvas, RELEASE, 280, 130)
    bench.settle()
    assert bench.labels == ["Patch"]
    assert bench.tone_at_spot() < 0.015
    untouched = disc(HEIGHT, WIDTH, *SPOT, 22) == 0
    assert np.array_equal(bench.picture[:, untouched], render(DOCUMENT)[:, untouched])


def test_esc_takes_a_dragged_patch_back_and_then_its_outline(bench):
    bench.use("patch")
    bench.draw(*around(20))
    outlined = shot(bench.canvas)
    bench.draw(SPOT, (280, 130), let_go=False)
    bench.settle()
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    mouse(bench.canvas, RELEASE, 280, 130)
    bench.settle()
    assert bench.session.document is DOCUMENT
    assert np.array_equal(shot(bench.canvas), outlined)
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    assert np.array_equal(shot(bench.canvas), expected(bench.canvas, DOCUMENT))


def test_a_click_a_line_and_a_patch_put_back_change_nothing(bench):
    bench.use("patch")
    bench.draw((50, 50))
    bench.draw((50, 50), (60, 60))
    bench.draw(*around(20))
    bench.draw(SPOT, (250, 150), SPOT)
    bench.settle()
    assert bench.session.document is DOCUMENT
    assert bench.labels == []


# -- what is in the way


@pytest.mark.parametrize("mode", [None, "brush", "spot", "patch"])
def test_a_locked_layer_refuses_in_words(bench, mode):
    bench.session.set("skin.locked", True, "Lock")
    document = bench.session.document
    bench.source(300, 100)
    if mode is not None:
        bench.use(mode)
    if mode == "patch":
        bench.draw(*around(20))
    bench.draw(SPOT, (210, 150))
    bench.settle()
    assert bench.said == ["Skin is locked: unlock it to retouch it"]
    assert bench.session.document is document


@pytest.mark.parametrize("mode", [None, "brush", "spot", "patch"])
def test_only_what_is_selected_is_retouched(bench, mode):
    white = np.full((1, HEIGHT, 200), 65535, np.uint16)
    selection = Tiles(WIDTH, HEIGHT).written(0, 0, white)
    bench.session.edit("Select", lambda d: msgspec.structs.replace(d, selection=selection))
    bench.source(300, 100)
    if mode is not None:
        bench.use(mode)
    if mode == "patch":
        bench.draw(*around(20))
    bench.draw(SPOT, (280, 130) if mode == "patch" else (201, 150))
    bench.settle()
    now, before = bench.picture, render(DOCUMENT)
    assert np.array_equal(now[:, :, 200:], before[:, :, 200:])
    assert not np.array_equal(now[:, :, :200], before[:, :, :200])
