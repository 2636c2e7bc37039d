"""The Properties panel over a recipe's document, and hands on it."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, find
from retexture.document.pixels import Pixels
from retexture.document.settings import slots
from retexture.gui.number_field import NumberField
from retexture.gui.properties_panel import PropertiesPanel
from retexture.gui.property_sections import Section
from retexture.gui.workspace import Workspace
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.base import Materials
from retexture.session.jobs import Crash
from retexture.session.session import Session, Update

RADIUS = "low.gaussian_blur.radius_px"


def picture(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    return Pixels((rng.random((3, 48, 64)) * 65535).astype(np.uint16))


def recipe(name: str) -> Document:
    chosen = RECIPES[name]
    mask = np.full((48, 64), 65535, np.uint16)
    retouched = None if chosen.flat else picture(2)
    return build_document(chosen, Materials(original=picture(1), retouched=retouched, mask=mask))


def fail(crash: Crash) -> None:
    raise AssertionError(crash.details)


def shown(
    qtbot: QtBot, workspace: Workspace, document: Document, active: str
) -> tuple[PropertiesPanel, Session]:
    workspace.crashed.connect(fail)
    panel = PropertiesPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    session = Session(document, title="test")
    session.select(active)
    workspace.add(session)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    return panel, session


def value(session: Session, path: str) -> Any:
    layer = find(session.document, path.partition(".")[0])
    return next(slot.get(layer) for slot in slots(layer) if slot.path == path)


def number(panel: PropertiesPanel, path: str) -> NumberField:
    field = panel.editor(path)
    assert isinstance(field, NumberField)
    return field


def section(panel: PropertiesPanel, kind: str, key: str = "") -> Section:
    found = panel.section(kind, key)
    assert found is not None
    return found


def steps(session: Session) -> list[str]:
    return [version.label for version in session.history.versions[1:]]


def watch(session: Session) -> list[Update]:
    updates: list[Update] = []
    session.subscribe(updates.append)
    return updates


def click(widget: Any) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose(section: Section, action: str) -> None:
    """Click an entry of a header's menu."""
    click(section.more)
    menu = section.findChild(QMenu, "section_menu")
    assert menu is not None
    QTest.mouseClick(
        menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(menu_action(menu, action)).center()
    )


def menu_action(menu: QMenu, name: str) -> Any:
    return next(action for action in menu.actions() if action.objectName() == name)
