"""The real window, on a screen of its own where Xvfb is there, else without one."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

pytest.register_assert_rewrite("tests.e2e.driver", "tests.e2e.hand", "tests.e2e.invariants")

from retexture.gui.app import make_application  # noqa: E402
from retexture.gui.window import MainWindow  # noqa: E402
from retexture.session.preferences import Preferences  # noqa: E402
from tests.e2e.driver import Driver  # noqa: E402
from tests.e2e.pictures import write_pair  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no screen, Qt says of every window that its size hints go nowhere."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return make_application()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preferences and recovery copies of the test alone."""
    monkeypatch.setenv("RETEXTURE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("RETEXTURE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def driver(qtbot: QtBot, own_folders: None) -> Iterator[Driver]:
    """A new window with nothing open."""
    window = MainWindow(Preferences())
    window.show()
    driver = Driver(window)
    driver.activate(window)
    driver.settle()
    yield driver
    driver.close_all()
    window.deleteLater()


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """An original and its retouched version."""
    return write_pair(tmp_path)
