"""A whole session of work, by hand: from two files to the finished picture."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QSlider

from retexture.document.document import find
from retexture.document.layers import BlendIf
from retexture.files.documents import open_document
from retexture.files.images import read_image
from retexture.gui.export_dialog import ExportDialog
from retexture.gui.range_bar import RangeBar
from retexture.render.render import flatten
from tests.e2e.driver import Driver
from tests.e2e.hand import ALT
from tests.e2e.pictures import ARTIST, CAMERA


class Diary:
    """What was to be seen after each step: the pixels of the canvas, and the composed picture."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.canvas: list[np.ndarray] = []
        self.picture: list[np.ndarray] = []
        self.labels: list[str] = []

    def note(self) -> None:
        """A step has been taken: it is one version."""
        driver = self.driver
        driver.settle()
        history = driver.session.history
        assert history.index == len(self.labels), f"{history.versions[-1].label} is not one step"
        self.labels.append(history.versions[history.index].label)
        self.canvas.append(driver.window.canvas.panes()[-1].viewport.frame.copy())
        self.picture.append(flatten(driver.session.document)[0])

    def check(self, index: int) -> None:
        """The picture is that of a version."""
        driver = self.driver
        driver.settle()
        assert driver.session.history.index == index
        np.testing.assert_array_equal(flatten(driver.session.document)[0], self.picture[index])
        np.testing.assert_array_equal(driver.window.canvas.panes()[-1].viewport.frame, self.canvas[index])


def blend_if_bar(driver: Driver, side: str) -> RangeBar:
    """Open the Blend-If section of the selected layer and return one of its bars."""
    if not driver.window.properties.section("blend_if").is_open:
        driver.click("blend_if_header")
        driver.settle()
    bar = driver.find(f"{side}_bar")
    assert isinstance(bar, RangeBar)
    driver.show(bar)
    return bar


def split_white_handle(driver: Driver, side: str, to: float) -> None:
    """Alt-drag the lower half of the white triangle to a value."""
    bar = blend_if_bar(driver, side)
    y = bar.height() - 8
    start, end = round(bar.x_of(255)), round(bar.x_of(to))
    places = [QPoint(round(start + (end - start) * i / 4), y) for i in range(5)]
    driver.drag(bar, *places, modifiers=ALT)


def save_as(driver: Driver, path: Path) -> None:
    with driver.answering(driver.file(path)):
        driver.keys("Ctrl+S")
    driver.settle()


@pytest.mark.slow
def test_from_two_files_to_the_finished_picture(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    session = driver.open(*pair)
    assert session.recipe == "hybrid-fs"
    assert not session.modified
    driver.click("guide_close")
    for keys in ("Ctrl+1", "Ctrl+-", "Ctrl+-", "Ctrl+-"):
        driver.keys(keys)
    driver.settle()
    assert driver.window.canvas.view.zoom < 0.5  # where the picture is made from preview levels at first
    diary = Diary(driver)
    diary.note()

    # A black mask on the retouched group: Alt-click on Add Mask.
    driver.click_layer("retouched_group")
    driver.click("layers_add_mask", modifiers=ALT)
    diary.note()
    group = find(session.document, "retouched_group")
    assert group.mask is not None
    assert group.mask.painted.tiles.background == (0,)
    assert (session.active, session.target) == ("retouched_group", "mask")
    np.testing.assert_array_equal(diary.picture[1].shape, diary.picture[0].shape)
    assert (diary.picture[1] != diary.picture[0]).any()

    driver.keys("B")
    driver.stroke((200, 150), (260, 180), (330, 170), (380, 220))
    diary.note()
    assert (diary.picture[2] != diary.picture[1]).any()

    driver.pen((150, 300, 0.2), (200, 290, 0.6), (260, 300, 1.0), (320, 320, 0.5))
    diary.note()
    driver.pen((230, 160, 1.0), (280, 180, 1.0), eraser=True)
    diary.note()
    assert session.history.undo_label == "Eraser"

    driver.click_layer("high")
    split_white_handle(driver, "this_layer", 100)
    diary.note()
    blend_if = find(session.document, "high").blend_if
    assert isinstance(blend_if, BlendIf)
    assert blend_if.this.gray.white_high == 255
    assert abs(blend_if.this.gray.white_low - 100) <= 2
    assert (diary.picture[-1] != diary.picture[-2]).any()

    before = find(session.document, "low").filters[0].filter
    slider = driver.find("low_gaussian_blur_radius_px_slider")
    assert isinstance(slider, QSlider)
    driver.drag_slider(slider, 0.8)
    diary.note()
    after = find(session.document, "low").filters[0].filter
    assert after.radius_px > before.radius_px

    driver.drag_layer("retouched_group", above="high")
    diary.note()
    assert [layer.key for layer in session.document.layers] == ["high", "retouched_group"]

    last = len(diary.labels) - 1
    assert last == 7
    for index in reversed(range(last)):
        driver.keys("Ctrl+Z")
        diary.check(index)
    driver.keys("Ctrl+Z")  # which finds nothing more
    diary.check(0)
    for index in range(1, last + 1):
        driver.keys("Ctrl+Shift+Z")
        diary.check(index)
    driver.keys("Ctrl+Y")
    diary.check(last)

    compare(driver)
    diary.check(last)

    project = tmp_path / "work.retexture"
    save_as(driver, project)
    assert not session.modified
    assert session.path == project
    assert (driver.window.tabs.tabText(0), driver.window.isWindowModified()) == ("work.retexture", False)
    saved, notes = open_document(project)
    assert not notes
    np.testing.assert_array_equal(flatten(saved)[0], diary.picture[last])

    export_tiff(driver, tmp_path / "transparent.tif", pair[0])  # Blend-If makes the lowest layer so
    driver.keys("Ctrl+Z")
    diary.check(last - 1)
    assert driver.window.isWindowModified()
    export_tiff(driver, tmp_path / "finished.tif", pair[0])


@pytest.mark.slow
def test_gestures_that_change_nothing_leave_no_step(driver: Driver, pair: tuple[Path, Path]):
    session = driver.open(*pair)
    driver.keys("B")
    driver.click_layer("high", "mask")
    driver.stroke((100, 100), (200, 200))  # white on a white mask
    driver.settle()
    driver.keys("X")
    driver.stroke((100, 100), (200, 200), let_go=False)
    driver.key(Qt.Key.Key_Escape)
    driver.let_go(driver.window.canvas, driver.on_picture(200, 200))
    driver.settle()
    slider = driver.find("low_gaussian_blur_radius_px_slider")
    assert isinstance(slider, QSlider)
    driver.drag_slider(slider, 0.9, let_go=False)
    driver.key(Qt.Key.Key_Escape)
    driver.let_go(slider, slider.rect().center())
    driver.settle()
    assert len(session.history.versions) == 1
    assert not session.modified


def compare(driver: Driver) -> None:
    """Look at before and after in every way, and come back."""
    canvas = driver.window.canvas
    view = canvas.view
    driver.keys("Y")
    driver.settle()
    assert [pane.name for pane in canvas.panes()] == ["retouched", "result"]
    driver.keys("Shift+Y")
    driver.settle()
    assert canvas.look.mode == "wipe"
    middle = canvas.rect().center()
    driver.drag(canvas, middle, middle + QPoint(60, 0), middle + QPoint(120, 0))
    driver.settle()
    assert canvas.look.wipe == pytest.approx(0.5 + 120 / canvas.width(), abs=2 / canvas.width())
    driver.keys("Shift+Y")
    driver.settle()
    driver.press(Qt.Key.Key_C)
    driver.settle()
    assert canvas.holds_before
    before = canvas.panes()[-1].viewport.frame.copy()
    driver.release(Qt.Key.Key_C)
    driver.settle()
    assert (canvas.panes()[-1].viewport.frame != before).any()
    assert canvas.view == view


def export_tiff(driver: Driver, path: Path, source: Path) -> None:
    """Export through the dialog and hold the file against the render."""
    driver.keys("Ctrl+Shift+Alt+S")
    dialog = driver.dialog
    assert isinstance(dialog, ExportDialog)
    assert dialog.path.parent == source.parent
    driver.type_over(path.name)  # the name has the focus
    driver.key(Qt.Key.Key_Return)
    driver.until(lambda: not dialog.isVisible(), "the export")
    driver.settle()
    colour, alpha = flatten(driver.session.document)
    written, original = read_image(path), read_image(source)
    assert written.depth == 16
    assert (written.alpha is None) == (alpha is None)
    np.testing.assert_array_equal(written.colour, colour)
    if alpha is not None:
        np.testing.assert_array_equal(written.alpha, alpha)
    assert written.icc == original.icc
    assert original.icc is not None
    with Pillow.open(path) as opened:
        tags = opened.getexif()
    assert (tags[271], tags[315]) == (CAMERA, ARTIST)
    assert written.metadata["exif"] == original.metadata["exif"]
