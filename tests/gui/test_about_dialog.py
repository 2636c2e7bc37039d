"""The About box tells what runs, and the licences of all that the program asks for."""

import re
import tomllib

from PySide6.QtWidgets import QLabel, QTableWidget

from retexture import __version__
from retexture.engine import ENGINE
from retexture.gui.about_dialog import DEPENDENCIES, AboutDialog, licence
from tests.conftest import ROOT


def test_every_dependency_is_named():
    with (ROOT / "pyproject.toml").open("rb") as file:
        asked = tomllib.load(file)["project"]["dependencies"]
    names = [re.split(r"[^\w.-]", requirement)[0] for requirement in asked]
    assert sorted(names) == sorted(DEPENDENCIES)


def test_every_dependency_tells_its_licence():
    for name in DEPENDENCIES:
        told = licence(name)
        assert told is not None
        assert told[1] != "see its files", name
    assert licence("no-such-package") is None


def test_it_shows_version_engine_and_licences(qtbot):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    told = dialog.findChild(QLabel, "about_version").text()
    assert __version__ in told
    assert ENGINE in told
    table = dialog.findChild(QTableWidget, "about_licences")
    assert [table.item(row, 0).text() for row in range(table.rowCount())] == list(DEPENDENCIES)
