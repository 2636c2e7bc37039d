"""The window's tabs and its close, with documents that are not in front and work that is under way."""

import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton, QTabBar

from retexture.gui import saver as saver_module
from retexture.gui.app import make_application, wait_until_idle
from retexture.gui.window import MainWindow
from retexture.session import preferences
from retexture.session.preferences import Preferences
from retexture.session.saving import save
from retexture.session.session import Session
from tests.gui.small_documents import flat_document


@pytest.fixture
def window(qapp, tmp_path, monkeypatch):
    monkeypatch.setenv("RETEXTURE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("RETEXTURE_STATE", str(tmp_path / "state"))
    make_application()
    window = MainWindow(Preferences())
    window.show()
    yield window
    for session in tuple(window.workspace.sessions):
        window.workspace.remove(session)
    window.close()
    window.deleteLater()


def add(window: MainWindow, title: str) -> Session:
    session = Session(flat_document((0.2, 0.4, 0.6)), title=title)
    window.workspace.add(session)
    assert wait_until_idle(window)
    return session


def tabs(window: MainWindow) -> list[str]:
    return [window.tabs.tabText(i) for i in range(window.tabs.count())]


def answer(name: str) -> None:
    """Click a button of the box that comes up next."""
    timer = QTimer(QApplication.instance())

    def look() -> None:
        box = QApplication.activeModalWidget()
        if box is not None:
            timer.stop()
            box.findChild(QPushButton, name).click()

    timer.timeout.connect(look)
    timer.start(0)


def test_a_document_behind_is_closed_with_its_tab(window):
    add(window, "a")
    b = add(window, "b")
    window.tabs.tabButton(0, QTabBar.ButtonPosition.RightSide).click()
    assert tabs(window) == ["b"]
    assert window.session is b
    window.tabs.tabButton(0, QTabBar.ButtonPosition.RightSide).click()
    assert tabs(window) == []
    assert window.start_page.isVisible()


def test_a_change_and_a_save_of_a_document_behind_show_on_its_tab(window, tmp_path, monkeypatch):
    a = add(window, "a")
    add(window, "b")
    a.set("fill_0.opacity", 0.5, "Opacity")
    assert tabs(window) == ["a*", "b"]
    free = threading.Event()

    def slow(*arguments, **options):
        free.wait(20)
        return save(*arguments, **options)

    monkeypatch.setattr(saver_module, "save", slow)
    a.path = tmp_path / "a.retexture"
    window.workspace.activate(a)
    window.saver.save(a)
    window.tabs.setCurrentIndex(1)
    free.set()
    assert wait_until_idle(window)
    assert tabs(window) == ["a.retexture", "b"]


def test_the_window_stays_for_an_export(window):
    free = threading.Event()
    job = window.workspace.jobs.submit(
        lambda _job: free.wait(20), lambda _done: None, title="Exporting a.tif…"
    )
    answer("under_way_stay")
    assert not window.close()
    assert window.isVisible()
    assert not job.cancelled()
    free.set()
    assert wait_until_idle(window)


def test_the_brush_is_remembered_at_an_autosave(window):
    add(window, "a")
    size = window.paint.brush.size_px + 7
    window.paint.set_brush(type(window.paint.brush)(size_px=size))
    window.saver.autosave()
    assert wait_until_idle(window)
    kept, _ = preferences.load()
    assert kept.brush["size_px"] == size
    assert kept.window_geometry
