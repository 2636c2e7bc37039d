"""A defect in a filter or in a slot shows a message with details, and the window lives on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from retexture.filters.surface_blur import SurfaceBlur
from retexture.gui.crash_dialog import CrashDialog, install_hook
from tests.e2e.driver import Driver


@pytest.fixture
def hooked(driver: Driver) -> Iterator[Driver]:
    """The window with the hook that the program installs."""
    remove = install_hook(driver.window)
    yield driver
    remove()


def shown(driver: Driver) -> list[CrashDialog]:
    return [d for d in driver.window.findChildren(CrashDialog) if d.isVisible()]


def read_and_close(driver: Driver, word: str) -> None:
    """Read the details, copy them, and close the message."""
    dialog = driver.until(lambda: shown(driver), "the message")[0]
    driver.activate(dialog)
    assert not driver.find("crash_why", dialog).text().startswith("Traceback")
    driver.click(driver.find("crash_show_details", dialog))
    details = driver.find("crash_details", dialog)
    assert isinstance(details, QPlainTextEdit)
    assert word in details.toPlainText()
    assert "Traceback" in details.toPlainText()
    driver.click(driver.find("crash_copy", dialog))
    assert word in QGuiApplication.clipboard().text()
    driver.click(driver.find("crash_close", dialog))
    driver.until(lambda: not shown(driver), "the message's end")
    driver.activate(driver.window)


@pytest.mark.slow
def test_a_filter_that_crashes(driver: Driver, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch):
    session = driver.open(pair[0])

    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("planted in the filter")

    with monkeypatch.context() as patch:
        patch.setattr(SurfaceBlur, "apply", broken)
        driver.add_filter("Surface Blur")
        driver.until(lambda: shown(driver), "the message")
        read_and_close(driver, "planted in the filter")
        assert driver.window.isVisible()
        # Nothing is lost, and other work goes on.
        assert session.history.undo_label is not None
        driver.keys("Ctrl+Z")
        for dialog in shown(driver):
            dialog.close()
        driver.settle()
    driver.keys("Ctrl+Shift+Z")
    driver.settle()
    assert not shown(driver)
    assert session.document.layers[0].filters[0].filter == SurfaceBlur()
    driver.keys("Ctrl+1")
    driver.settle()


@pytest.mark.slow
def test_the_picture_comes_back_after_a_crash(
    driver: Driver, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    driver.open(pair[0])
    real = SurfaceBlur.apply
    broken = True

    def sometimes(*arguments: object, **options: object) -> object:
        if broken:
            raise ZeroDivisionError("planted in the filter")
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(SurfaceBlur, "apply", sometimes)
    driver.add_filter("Surface Blur")
    read_and_close(driver, "planted")
    broken = False
    slider = driver.find("surface_blur_radius_px_slider")
    driver.drag_slider(slider, 0.4)  # type: ignore[arg-type]
    driver.settle()
    assert not shown(driver)


@pytest.mark.slow
def test_a_slot_that_crashes(
    hooked: Driver, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys
):
    driver = hooked
    driver.open(*pair)

    def broken() -> None:
        raise LookupError("planted in the slot")

    with monkeypatch.context() as patch:
        patch.setattr(driver.window.canvas, "flip_view", broken)
        driver.keys("Shift+F")
        read_and_close(driver, "planted in the slot")
        driver.settle()
    assert "planted in the slot" in capsys.readouterr().err
    driver.keys("Shift+F")
    driver.settle()
    assert driver.window.canvas.view.flipped


@pytest.mark.slow
def test_the_same_crash_again_is_counted(
    hooked: Driver, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    driver = hooked
    driver.open(*pair)

    def broken() -> None:
        raise LookupError("planted in the slot")

    monkeypatch.setattr(driver.window.canvas, "flip_view", broken)
    for _ in range(3):
        driver.activate(driver.window)
        driver.keys("Shift+F")
    dialogs = driver.until(lambda: shown(driver), "the message")
    assert len(dialogs) == 1
    assert "(3 times)" in driver.find("crash_why", dialogs[0]).text()
    driver.click(driver.find("crash_close", dialogs[0]))
    driver.settle()
