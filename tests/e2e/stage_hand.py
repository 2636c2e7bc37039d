"""The window on its screen for ``./run screenshots``, and a hand there. Qt is imported when there is a screen."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

W = TypeVar("W")


class Stage:
    """The window on its screen, and what a hand does there."""

    def __init__(self, target: Path, width: int, height: int, pair: tuple[Path, Path]) -> None:
        from PySide6.QtGui import QPainter, QPixmap
        from PySide6.QtTest import QTest

        from retexture.gui.app import make_application, wait_until_idle
        from retexture.gui.window import MainWindow
        from retexture.session.preferences import Preferences

        self.application = make_application()
        self._pixmap, self._painter, self.test, self._idle = QPixmap, QPainter, QTest, wait_until_idle
        self.target, self.width, self.height, self.pair = target, width, height, pair
        self.window = MainWindow(Preferences(recent_files=tuple(str(path) for path in pair)))
        self.window.setGeometry(0, 0, width, height)
        self.window.show()
        QTest.qWaitForWindowExposed(self.window)
        self.wait()

    def wait(self) -> None:
        """Wait until the window shows what it will show."""
        if not self._idle(self.window):
            raise SystemExit("the window did not come to rest")
        for _ in range(3):
            self.application.processEvents()
        if self.application.activeWindow() is None:
            # There is no window manager to give the focus back after a dialog.
            self.window.activateWindow()
            self.test.qWaitForWindowActive(self.window)

    def take(self, name: str) -> None:
        """Write a picture of the screen: the window and the dialogs over it."""
        self.wait()
        self.picture().save(str(self.target / f"{name}-{self.width}x{self.height}.png"))
        print(name, flush=True)

    def picture(self):  # a QPixmap; Qt is imported late
        """Return what a screen without window frames shows."""
        shot = self._pixmap(self.width, self.height)
        painter = self._painter(shot)
        painter.drawPixmap(0, 0, self.window.grab())
        for widget in self.application.topLevelWidgets():
            if widget.isVisible() and widget is not self.window:
                place = widget.frameGeometry().topLeft()
                painter.drawPixmap(place, widget.grab())
                painter.setPen("#141414")
                painter.drawRect(widget.frameGeometry().adjusted(-1, -1, 0, 0))
        painter.end()
        return shot

    # -- a hand's doings

    def find(self, kind: type[W], name: str) -> W:
        """Return the one visible widget of a name."""
        found = [w for w in self.application.allWidgets() if w.objectName() == name and w.isVisible()]
        found = [w for w in found if isinstance(w, kind)]
        if len(found) != 1:
            raise SystemExit(f"{len(found)} visible controls are called {name}")
        return found[0]  # type: ignore[return-value]

    def click(self, name: str, *, alt: bool = False) -> None:
        """Click a control."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtWidgets import QCheckBox, QWidget

        widget = self.find(QWidget, name)
        self.bring_into_view(widget)
        keys = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
        at = QPoint(10, widget.height() // 2) if isinstance(widget, QCheckBox) else widget.rect().center()
        self.test.mouseClick(widget, Qt.MouseButton.LeftButton, keys, at)
        self.wait()

    def bring_into_view(self, widget) -> None:
        """Scroll to a control."""
        from PySide6.QtWidgets import QScrollArea

        around = widget.parent()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parent()
        if around is not None:
            around.ensureWidgetVisible(widget)
            self.wait()

    def key(self, sequence: str) -> None:
        """Press keys where the focus is."""
        from PySide6.QtGui import QKeySequence

        popup = self.application.activePopupWidget()
        focus = (popup.focusWidget() or popup) if popup else self.application.focusWidget()
        self.test.keySequence(focus or self.window, QKeySequence(sequence))
        self.wait()

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.test.keyClicks(self.application.focusWidget() or self.window, text)
        self.wait()

    def drag(self, widget, *places: tuple[float, float], alt: bool = False, let_go: bool = True) -> None:
        """Drag with the left button from place to place, in a widget's coordinates."""
        from PySide6.QtCore import QPoint, Qt

        left = Qt.MouseButton.LeftButton
        keys = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
        points = [QPoint(round(x), round(y)) for x, y in places]
        self.test.mouseMove(widget, points[0])
        self.test.mousePress(widget, left, keys, points[0])
        for point in points[1:]:
            self.test.mouseMove(widget, point)
        if let_go:
            self.test.mouseRelease(widget, left, keys, points[-1])
            self.wait()

    def stroke(self, *places: tuple[float, float]) -> None:
        """Paint through places, given as parts of the canvas."""
        canvas = self.window.canvas
        points = [(x * canvas.width(), y * canvas.height()) for x, y in places]
        steps = [
            (a[0] + (b[0] - a[0]) * i / 12, a[1] + (b[1] - a[1]) * i / 12)
            for a, b in pairwise(points)
            for i in range(13)
        ]
        self.drag(canvas, *steps)

    def command(self, letters: str) -> None:
        """Run a command by the command search."""
        self.key("Ctrl+K")
        self.type(letters)
        self.key("Return")

    def click_mask(self, layer: str) -> None:
        """Click the thumbnail of a layer's mask."""
        from PySide6.QtCore import Qt

        from retexture.gui.layer_row import parts

        tree = self.window.layers.tree
        index = tree.rows.find((layer, None))
        row = tree.rows.row_of(index)
        assert row is not None
        place = parts(tree.visualRect(index), tree.rows.look(row)).mask.center()
        self.test.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
        self.wait()

    def panel(self, title: str) -> None:
        """Bring a panel to the front by its tab."""
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QTabBar

        for bar in self.window.findChildren(QTabBar):
            for i in range(bar.count()):
                if bar.tabText(i) == title and bar is not self.window.tabs:
                    self.test.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(i).center())
        self.wait()

    def drop(self, paths: tuple[Path, ...]) -> None:
        """Drop files on the window."""
        from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
        from PySide6.QtGui import QDragEnterEvent, QDropEvent

        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        none, button = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
        copy, at = Qt.DropAction.CopyAction, QPoint(400, 60)
        self.application.sendEvent(self.window, QDragEnterEvent(at, copy, data, button, none))
        self.application.sendEvent(self.window, QDropEvent(QPointF(at), copy, data, button, none))
        self.wait()

    def during(self, act: Callable[[], None], name: str, end: Callable[[], None]) -> None:
        """Do what opens a dialog that waits for its answer; take its picture and end it."""
        from PySide6.QtCore import QTimer

        def look() -> None:
            if self.application.activeModalWidget() is None:
                QTimer.singleShot(50, look)
                return
            for _ in range(3):
                self.application.processEvents()
            self.picture().save(str(self.target / f"{name}-{self.width}x{self.height}.png"))
            print(name, flush=True)
            end()

        QTimer.singleShot(50, look)
        act()
        self.wait()

    def under_way(self, button: str, step: str, name: str) -> None:
        """Click a control, and take the picture when the status bar tells of a step of what that began."""
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QLabel, QWidget

        self.test.mouseClick(self.find(QWidget, button), Qt.MouseButton.LeftButton)
        told = self.window.status.findChild(QLabel, "status_job_title")
        while step not in told.text():
            self.application.processEvents()
            if self.window.idle:
                raise SystemExit(f"no step was called {step}")
        for _ in range(3):
            self.application.processEvents()
        self.picture().save(str(self.target / f"{name}-{self.width}x{self.height}.png"))
        print(name, flush=True)
        self.wait()

    def open_recipe(self, recipe: str) -> None:
        """Choose a recipe on the start page, or by the menu, and give it the pair."""
        flat = recipe == "texture-extractor"
        self.window.opener.ask_for_pictures(
            recipe, self.pair[1 if flat else 0], None if flat else self.pair[1]
        )
        self.wait()
        self.click("pair_open")

    def close_all(self) -> None:
        """Close the window; what is not saved is dropped."""
        for session in tuple(self.window.workspace.sessions):
            self.window.workspace.remove(session)
        self.window.close()
