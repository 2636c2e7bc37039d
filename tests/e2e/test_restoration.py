"""The Restoration panel by a hand: sliders, list, circles, masks, alignment, and the file that keeps it all."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt

from retexture.files.project import read_project, write_project
from retexture.session import restoration
from retexture.session.session import Session
from tests.e2e.driver import Driver
from tests.e2e.hand import SHIFT
from tests.session.restored import restored_document


def open_restored(driver: Driver, folder: Path) -> Session:
    path = folder / "restored.retexture"
    write_project(path, restored_document(480, 400, unaligned=(240, 180)))
    return driver.open(path)


def kept(driver: Driver) -> tuple[bool, ...]:
    analysis = driver.session.document.analysis
    assert analysis is not None
    return restoration.decisions(analysis)


def labels(driver: Driver) -> list[str]:
    return [version.label for version in driver.session.history.versions[1:]]


def spot(driver: Driver, index: int) -> tuple[float, float]:
    analysis = driver.session.document.analysis
    assert analysis is not None
    return analysis.spots[index].x_px, analysis.spots[index].y_px


@pytest.mark.slow
def test_blemishes_are_decided_by_slider_list_and_circles(driver: Driver, tmp_path: Path):
    session = open_restored(driver, tmp_path)
    panel = driver.window.restoration
    assert panel.isVisible()
    start = session.document
    driver.drag_slider(panel.sensitivity.slider, 1.0)
    driver.settle()
    assert kept(driver) == (True, True, True, True)
    driver.drag_slider(panel.sensitivity.slider, 0.0, let_go=False)
    driver.wait()
    assert kept(driver) == (False, False, False, False)
    driver.key(Qt.Key.Key_Escape)
    driver.let_go(panel.sensitivity.slider, QPoint(4, 8))
    driver.settle()
    assert kept(driver) == (True, True, True, True)
    # A check mark, then Space on two rows.
    view = panel.list
    first = view.visualRect(view.rows.index(0, 0))
    driver.show(view)
    driver.click(view.viewport(), first.topLeft() + QPoint(12, first.height() // 2))
    driver.settle()
    assert kept(driver) == (False, True, True, True)
    driver.click(view.viewport(), view.visualRect(view.rows.index(1, 1)).center())
    driver.click(view.viewport(), view.visualRect(view.rows.index(2, 1)).center(), SHIFT)
    driver.key(Qt.Key.Key_Space)
    driver.settle()
    assert kept(driver) == (False, False, False, True)
    # A circle with the hand, and one with Space held over a brush.
    driver.click(panel.circles, QPoint(8, panel.circles.height() // 2))
    driver.settle()
    driver.window.canvas.setFocus()
    driver.keys("H")
    driver.stroke(spot(driver, 3))
    driver.settle()
    assert kept(driver) == (False, False, False, False)
    driver.keys("B")
    driver.move(driver.window.canvas, driver.on_picture(*spot(driver, 0)))
    driver.press(Qt.Key.Key_Space)
    driver.stroke(spot(driver, 0))
    driver.release(Qt.Key.Key_Space)
    driver.settle()
    assert kept(driver) == (True, False, False, False)
    assert labels(driver) == [
        "Blemish Sensitivity",
        "Let Blemish Return",
        "Let Blemishes Return",
        "Let Blemish Return",
        "Keep Blemish Out",
    ]
    driver.keys("Ctrl+S")
    driver.until(lambda: not session.modified, "the file")
    driver.settle()
    assert session.path is not None
    assert restoration.decisions(read_project(session.path).analysis) == kept(driver)
    for _ in range(5):
        driver.keys("Ctrl+Z")
        driver.settle()
    assert session.document is start


@pytest.mark.slow
def test_texture_masks_and_alignment_are_set(driver: Driver, tmp_path: Path):
    session = open_restored(driver, tmp_path)
    panel = driver.window.restoration
    driver.drag_slider(panel.texture.slider, 0.75)
    driver.settle()
    driver.click("restoration_loss_eye")
    driver.settle()
    driver.click("restoration_blemishes_film")
    driver.settle()
    driver.click("restoration_skin_view")
    driver.settle()
    driver.click("restoration_skin_view")
    driver.settle()
    driver.click("restoration_opened", QPoint(8, 10))
    driver.settle()
    assert "on the aligned picture" in panel.reason.text()
    driver.click("restoration_aligned", QPoint(8, 10))
    driver.settle()
    assert labels(driver) == ["Texture", "Disable Lost texture Mask", "Remove Alignment", "Align Retouched"]
    driver.click(panel.findChild(type(panel.go_to), "restoration_face_1"))
    driver.settle()
    for _ in range(4):
        driver.keys("Ctrl+Z")
        driver.settle()
    assert session.history.undo_label is None


@pytest.mark.slow
def test_circles_are_told_of_where_the_hand_rests(driver: Driver, tmp_path: Path):
    from PySide6.QtWidgets import QToolTip

    open_restored(driver, tmp_path)
    driver.command("Blemish Circles")
    driver.keys("H")
    driver.move(driver.window.canvas, QPoint(5, 5))  # the pointer may lie on the spot from before
    driver.move(driver.window.canvas, driver.on_picture(*spot(driver, 0)))
    driver.until(QToolTip.text, "the tooltip")
    assert QToolTip.text() == "Dark spot, 16 px: kept out\nClick to let it come back"
    QToolTip.hideText()
    driver.until(lambda: not QToolTip.isVisible(), "the tooltip to go")
    driver.settle()
