"""From the start page to the finished file without a mouse."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from retexture.document.document import find
from retexture.document.tree import filters_of
from retexture.files.images import read_image
from retexture.gui.pair_dialog import PairDialog
from retexture.render.render import flatten
from retexture.session.session import Session
from tests.e2e.driver import Answer, Driver
from tests.e2e.hand import SHIFT

KEY = Qt.Key


def typed(driver: Driver, path: Path) -> Answer:
    """Type a path into a file dialog, whose name field has the focus, and press Enter."""

    def answer(box: QFileDialog) -> None:
        driver.type_over(str(path))
        if QApplication.activePopupWidget() is not None:  # the list of names that fit
            driver.key(KEY.Key_Escape)
        driver.key(KEY.Key_Return)

    return answer


def radius(session: Session) -> float:
    items = filters_of(find(session.document, "texture"))
    found: float = next(item.filter for item in items if item.key == "high_pass").radius_px
    return found


@pytest.mark.slow
def test_from_the_start_page_to_the_finished_file(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    window = driver.window
    driver.focus(driver.find("recipe_high_pass_blend_if"))
    driver.key(KEY.Key_Return)
    dialog = driver.dialog
    assert isinstance(dialog, PairDialog)
    for side, path in zip(("original", "retouched"), pair, strict=True):
        driver.focus(driver.find(f"{side}_choose", dialog))
        with driver.answering(typed(driver, path)):
            driver.key(KEY.Key_Space)
    driver.until(driver.find("pair_open", dialog).isEnabled, "both pictures")
    driver.key(KEY.Key_Return)
    driver.until(lambda: window.session, "the document")
    driver.settle()
    session = driver.session
    assert session.recipe == "high-pass-blend-if"

    # The guide, to its end.
    while window.guide.isVisible():
        driver.focus(driver.find("guide_next"))
        driver.key(KEY.Key_Space)
        driver.settle()

    # The layer is selected in its panel, its black mask is filled and then half hidden by a number.
    driver.focus(window.layers.tree)
    driver.key(KEY.Key_Home)
    driver.settle()
    assert session.active == "texture"
    black = flatten(session.document)[0]
    driver.keys("Alt+Backspace")
    driver.settle()
    assert (flatten(session.document)[0] != black).any()
    driver.keys("H")
    driver.key("6")
    driver.key("5")
    driver.settle()
    assert find(session.document, "texture").opacity == 0.65

    # A radius is typed, stepped, and taken back; the focus stays where it is.
    field = driver.find("high_pass_radius_px_value")
    driver.focus(field)
    driver.type_over("5")
    driver.key(KEY.Key_Return)
    driver.key(KEY.Key_Up, SHIFT)
    driver.settle()
    assert radius(session) > 5
    assert QApplication.focusWidget() is field
    driver.keys("Ctrl+Z")
    driver.settle()
    assert radius(session) == 5

    # A handle of Blend-If is split.
    header = driver.find("blend_if_header")
    driver.focus(header)
    driver.key(KEY.Key_Right)
    driver.settle()
    bar = driver.find("underlying_bar")
    driver.focus(bar)
    before = find(session.document, "texture").blend_if
    driver.key(KEY.Key_S)
    driver.settle()
    driver.key(KEY.Key_Right, SHIFT)
    driver.settle()
    assert find(session.document, "texture").blend_if != before

    # Rename, undo all, redo all.
    driver.focus(window.layers.tree)
    driver.key(KEY.Key_F2)
    driver.type_over("Pores")
    driver.key(KEY.Key_Return)
    driver.settle()
    assert find(session.document, "texture").name == "Pores"
    finished = flatten(session.document)[0]
    while session.history.undo_label is not None:
        driver.keys("Ctrl+Z")
        driver.settle()
    while session.history.redo_label is not None:
        driver.keys("Ctrl+Shift+Z")
        driver.wait()
    driver.settle()
    np.testing.assert_array_equal(flatten(session.document)[0], finished)

    with driver.answering(typed(driver, tmp_path / "keys.retexture")):
        driver.keys("Ctrl+S")
    driver.settle()
    assert session.path == tmp_path / "keys.retexture"
    driver.keys("Ctrl+Shift+Alt+S")
    export = driver.dialog
    driver.type_over("keys.tif")
    driver.key(KEY.Key_Return)
    driver.until(lambda: not export.isVisible(), "the export")
    driver.settle()
    np.testing.assert_array_equal(read_image(tmp_path / "keys.tif").colour, finished)

    # And the quick one, by one key.
    driver.keys("F9")
    driver.settle()
    np.testing.assert_array_equal(read_image(tmp_path / "keys_restored.tif").colour, finished)


@pytest.mark.slow
def test_dialogs_open_and_close_by_keys_and_give_the_focus_back(driver: Driver, pair: tuple[Path, Path]):
    driver.open(*pair)
    canvas = driver.window.canvas
    canvas_had_it = QApplication.focusWidget()
    for keys in ("F1", "Ctrl+Shift+Alt+S", "Ctrl+Shift+O"):
        driver.keys(keys)
        assert driver.dialog.isVisible()
        driver.key(KEY.Key_Escape)
        driver.until(lambda: QApplication.activeModalWidget() is None, f"the end of {keys}")
        driver.settle()
        assert QApplication.focusWidget() is canvas_had_it
    driver.keys("Ctrl+K")
    driver.type("fit")
    driver.key(KEY.Key_Escape)
    assert not driver.window.search.isVisible()
    assert QApplication.focusWidget() is canvas_had_it
    driver.command("Fit on Screen")
    driver.settle()
    assert canvas.view.zoom > 0


@pytest.mark.slow
def test_a_command_is_found_while_a_name_is_typed(driver: Driver, pair: tuple[Path, Path]):
    session = driver.open(*pair)
    driver.command("Rename Layer")
    driver.type_over("Pores")
    driver.command("Lock Layer")  # the field of the name, which had the focus, has gone
    driver.settle()
    layer = session.active_layer
    assert layer is not None
    assert (layer.name, layer.locked) == ("Pores", True)
    driver.keys("Ctrl+Z")
    driver.keys("Ctrl+Z")
    driver.settle()
    assert session.document is session.history.versions[0].document
