"""Closing what is not saved asks; many documents in tabs do not get in each other's way."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QTabBar

from retexture.files.documents import open_document
from retexture.render.render import flatten
from tests.e2e.driver import Driver
from tests.e2e.hand import MIDDLE
from tests.e2e.pictures import original, write_tiff


def opened_and_changed(driver: Driver, pair: tuple[Path, Path]) -> None:
    driver.open(*pair)
    driver.click("tool_hand_button")
    driver.key("5")
    driver.settle()
    assert driver.session.modified


@pytest.mark.slow
@pytest.mark.parametrize("how", ["Ctrl+W", "tab", "Ctrl+Q", "window"])
def test_closing_asks_about_unsaved_work(driver: Driver, pair: tuple[Path, Path], tmp_path: Path, how: str):
    opened_and_changed(driver, pair)
    window, session = driver.window, driver.session
    picture = flatten(session.document)[0]
    project = tmp_path / "kept.retexture"

    def close() -> None:
        if how == "tab":
            button = window.tabs.tabButton(0, QTabBar.ButtonPosition.RightSide)
            driver.click(button)
        elif how == "window":
            window.close()
        else:
            driver.keys(how)

    def cancel(box: QMessageBox) -> None:
        assert "portrait" in box.text()
        driver.key(Qt.Key.Key_Escape)

    with driver.answering(cancel):
        close()
    driver.settle()
    assert window.session is session
    assert window.isVisible()
    with driver.answering(driver.choose("unsaved_work_save"), lambda box: box.reject()):
        close()  # and no name is given
    driver.settle()
    assert window.session is session
    with driver.answering(driver.choose("unsaved_work_save"), driver.file(project)):
        close()
    driver.until(lambda: project.exists(), "the project")
    if how in ("Ctrl+W", "tab"):
        driver.settle()
        assert window.session is None
    else:
        driver.until(lambda: not window.isVisible(), "the end")
    np.testing.assert_array_equal(flatten(open_document(project)[0])[0], picture)


@pytest.mark.slow
def test_unsaved_work_can_be_thrown_away(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    opened_and_changed(driver, pair)
    files = sorted(tmp_path.rglob("*.retexture"))
    with driver.answering(driver.choose("unsaved_work_discard")):
        driver.keys("Ctrl+W")
    driver.settle()
    assert driver.window.session is None
    assert driver.window.start_page.isVisible()
    assert sorted(tmp_path.rglob("*.retexture")) == files
    assert not list((tmp_path / "state").rglob("document.json"))


@pytest.mark.slow
def test_what_is_saved_closes_without_a_question(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    opened_and_changed(driver, pair)
    with driver.answering(driver.file(tmp_path / "a.retexture")):
        driver.keys("Ctrl+S")
    driver.settle()
    driver.keys("Ctrl+W")
    driver.settle()
    assert driver.window.session is None


# -- many documents


def pictures(folder: Path, count: int) -> list[Path]:
    return [write_tiff(folder / f"face_{n}.tif", original(n + 10)) for n in range(count)]


@pytest.mark.slow
def test_tabs_are_switched_and_closed_while_they_render(driver: Driver, tmp_path: Path):
    window = driver.window
    for path in pictures(tmp_path, 4):
        driver.open(path)
    tabs, sessions = window.tabs, list(window.workspace.sessions)
    assert tabs.count() == 4
    # Each its own view and a filter that takes a while.
    for index in range(4):
        driver.click(tabs, tabs.tabRect(index).center())
        driver.wait()
        driver.add_filter("Surface Blur")
        if index % 2:
            driver.keys("Ctrl+1")
        driver.settle()
    for index in (0, 2, 1, 3, 0, 1, 2, 3, 2):
        driver.click(tabs, tabs.tabRect(index).center())  # without waiting for what was asked before
        assert window.session is sessions[index]
        driver.keys("Ctrl++")
    driver.settle()
    assert window.session is sessions[2]
    for index in range(4):
        driver.click(tabs, tabs.tabRect(index).center())
        driver.settle()
    # Closed while it renders.
    driver.click(tabs, tabs.tabRect(1).center())
    driver.keys("Ctrl+0")
    with driver.answering(driver.choose("unsaved_work_discard")):
        driver.click(tabs.tabButton(1, QTabBar.ButtonPosition.RightSide))
    driver.settle()
    assert window.workspace.sessions == [sessions[0], *sessions[2:]]
    while window.workspace.sessions:
        driver.click("tool_hand_button")
        driver.key("7")
        driver.keys("Ctrl+1")
        with driver.answering(driver.choose("unsaved_work_discard")):
            driver.keys("Ctrl+W")
        driver.settle()
    assert window.start_page.isVisible()


@pytest.mark.slow
def test_a_drag_ends_where_the_tab_changes(driver: Driver, tmp_path: Path):
    first, second = (driver.open(path) for path in pictures(tmp_path, 2))
    tabs = driver.window.tabs
    driver.command("Layer")
    driver.settle()
    driver.keys("B")
    driver.stroke((100, 100), (200, 150), let_go=False)
    drawing = second.gesture is not None
    assert drawing
    driver.window.workspace.activate(first)  # as a recovered document would, while the button is held
    driver.let_go(driver.window.canvas, driver.on_picture(200, 150))
    driver.settle()
    assert second.gesture is None
    assert len(first.history.versions) == 1
    driver.click(tabs, tabs.tabRect(1).center())
    driver.settle()
    assert second.history.undo_label == "Brush stroke"


@pytest.mark.slow
def test_the_same_project_opens_once(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    opened_and_changed(driver, pair)
    project = tmp_path / "once.retexture"
    with driver.answering(driver.file(project)):
        driver.keys("Ctrl+S")
    driver.settle()
    first = driver.session
    driver.open(pair[0])
    driver.open(project)
    assert driver.session is first
    assert len(driver.window.workspace.sessions) == 2
    driver.click(driver.window.canvas, button=MIDDLE)
    driver.settle()
