"""What a crash has left: chosen, recovered, discarded, or kept for later."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QPushButton

from retexture.gui.recovery_dialog import RecoveryDialog
from retexture.session.recovery import Recovered

WHEN = datetime(2026, 5, 4, 10, tzinfo=UTC)
FOUND = (
    Recovered("a", "hero", Path("/pictures/hero.retexture"), WHEN, 312 << 20),
    Recovered("b", "portrait", None, WHEN, 5 << 20),
)


@pytest.fixture
def dialog(qtbot):
    dialog = RecoveryDialog(FOUND)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def told(spy):
    return [spy.at(i)[0] for i in range(spy.count())]


def press(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_title_time_and_size_are_listed(dialog):
    item = dialog.list.topLevelItem(0)
    assert item.text(0) == "hero"
    assert "2026" in item.text(1)
    assert item.text(2) == "312 MB"


def test_enter_recovers_all(dialog):
    spy = QSignalSpy(dialog.recover_requested)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert told(spy) == list(FOUND)
    assert not dialog.isVisible()


def test_one_is_discarded_and_the_other_stays(dialog):
    discarded, recovered = QSignalSpy(dialog.discard_requested), QSignalSpy(dialog.recover_requested)
    rect = dialog.list.visualItemRect(dialog.list.topLevelItem(1))
    QTest.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    press(dialog, "recovery_discard")
    assert told(discarded) == [FOUND[1]]
    assert dialog.isVisible()
    assert not dialog.recover.isEnabled()
    dialog.list.selectAll()
    press(dialog, "recovery_recover")
    assert told(recovered) == [FOUND[0]]
    assert not dialog.isVisible()


@pytest.mark.parametrize("how", ["button", "escape"])
def test_later_does_nothing(dialog, how):
    discarded, recovered = QSignalSpy(dialog.discard_requested), QSignalSpy(dialog.recover_requested)
    if how == "button":
        press(dialog, "recovery_later")
    else:
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert told(discarded) == told(recovered) == []
