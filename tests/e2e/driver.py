"""The user of the real window: opens files, answers, draws with mouse and pen; what comes of it is read elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QInputDevice,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
)
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QPushButton, QWidget

from retexture.gui.layer_row import ROW_ROLE, Parts, parts
from retexture.gui.layers_model import EYE, LAYER
from retexture.gui.layers_tree import LayersTree
from retexture.gui.window import MainWindow
from retexture.session.session import Session
from retexture.session.view import Point
from tests.e2e.hand import LEFT, LOOK_MS, NONE, Hand, Modifiers

Answer = Callable[[Any], None]


class Driver(Hand):
    """The window and its user. All coordinates of `on_picture`, `stroke` and `pen` are pixels of the picture."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        capability = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
        self._pens = {
            kind: QPointingDevice(
                "pen", number, QInputDevice.DeviceType.Stylus, kind, capability, 1, 2, "", _SERIAL
            )
            for number, kind in enumerate(
                (QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser), 77
            )
        }

    # -- questions

    @contextmanager
    def answering(self, *answers: Answer) -> Iterator[None]:
        """Answer the modal dialogs that come up within the block, one after the other, each once."""
        waiting = list(answers)
        problems: list[BaseException] = []
        busy: list[QWidget] = []

        def look() -> None:
            box = QApplication.activeModalWidget()
            if box is None or box in busy or not box.isVisible() or not waiting:
                return
            busy.append(box)
            answer = waiting.pop(0)
            try:
                self.activate(box)
                answer(box)
            except BaseException as problem:  # noqa: BLE001 - raised where the test can see it
                problems.append(problem)
                box.close()

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(LOOK_MS)
        try:
            yield
            self.until(lambda: problems or not waiting, "a question")
        finally:
            timer.stop()
        if problems:
            raise problems[0]
        assert not self._unanswered, f"not answered: {self._unanswered}"

    def choose(self, name: str) -> Answer:
        """Return the answer that clicks a button of a dialog by its objectName."""
        return lambda box: self.click(self.find(name, box))

    def file(self, path: Path) -> Answer:
        """Return the answer that types a path into a file dialog."""

        def answer(box: QDialog) -> None:
            edit = box.findChild(QLineEdit, "fileNameEdit")
            assert edit is not None
            edit.setFocus()
            self.type_over(str(path))
            popup = QApplication.activePopupWidget()
            if popup is not None:
                self.key(Qt.Key.Key_Escape)
            accept = next(b for b in box.findChildren(QPushButton) if b.isVisible() and b.isDefault())
            self.click(accept)

        return answer

    # -- files

    def open(self, *paths: Path, recipe: str = "hybrid-fs") -> Session:
        """Open a document, or two pictures with a recipe and the other answers that are offered."""
        before = self.window.session
        self.window.opener.open_paths(paths, recipe)
        if len(paths) == 2:
            self.accept_pair()
        self.until(lambda: self.window.session is not before, "the document")
        self.settle()
        return self.session

    def accept_pair(self) -> None:
        """Click Open in the dialog that asks about two pictures."""
        dialog = self.dialog
        assert dialog.objectName() == "pair_dialog"
        button = self.find("pair_open", dialog)
        self.until(button.isEnabled, "both pictures")
        self.click(button)

    def drop(self, target: QWidget, *paths: Path) -> None:
        """Drop files on a widget."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        place = target.rect().center()
        copy = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(place, copy, data, LEFT, NONE)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(target, QDropEvent(QPointF(place), copy, data, LEFT, NONE))

    # -- the canvas

    def on_picture(self, x: float, y: float) -> QPoint:
        """Return where a pixel of the picture lies on the canvas, in the last pane."""
        canvas = self.window.canvas
        inside = canvas.view.to_window(Point(x, y), canvas.pane_size())
        rect, ratio = canvas.panes()[-1].rect, canvas.devicePixelRatioF()
        return QPoint(round((inside.x + rect.x()) / ratio), round((inside.y + rect.y()) / ratio))

    def stroke(self, *points: tuple[float, float], modifiers: Modifiers = NONE, let_go: bool = True) -> None:
        """Draw with the mouse."""
        places = [self.on_picture(*point) for point in points]
        self.drag(self.window.canvas, *places, modifiers=modifiers, let_go=let_go)

    def pen(self, *points: tuple[float, float, float], eraser: bool = False) -> None:
        """Draw with a pen: x, y and pressure 0-1."""
        kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        canvas = self.window.canvas
        for i, (x, y, pressure) in enumerate(points):
            press = QEvent.Type.TabletPress if i == 0 else QEvent.Type.TabletMove
            self._pen_event(press, canvas, self.on_picture(x, y), pressure, kind)
        self._pen_event(QEvent.Type.TabletRelease, canvas, self.on_picture(*points[-1][:2]), 0.0, kind)

    def _pen_event(
        self,
        kind: QEvent.Type,
        canvas: QWidget,
        at: QPoint,
        pressure: float,
        pointer: QPointingDevice.PointerType,
    ) -> None:
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else LEFT
        event = QTabletEvent(
            kind, self._pens[pointer], QPointF(at), QPointF(canvas.mapToGlobal(at)), pressure,
            0, 0, 0, 0, 0, NONE, Qt.MouseButton.NoButton if kind == QEvent.Type.TabletMove else LEFT, held,
        )  # fmt: skip
        QApplication.sendEvent(canvas, event)

    # -- the Layers panel

    @property
    def tree(self) -> LayersTree:
        """The rows of layers."""
        return self.window.layers.tree

    def row(self, key: str, filter_key: str | None = None) -> tuple[QRect, Parts]:
        """Return where a row lies in the tree, and its parts; it is scrolled to."""
        index = self.tree.rows.find((key, filter_key), LAYER)
        assert index.isValid(), f"no row for {key}"
        self.tree.scrollTo(index)
        rect = self.tree.visualRect(index)
        return rect, parts(rect, index.data(ROW_ROLE))

    def eye(self, key: str, filter_key: str | None = None) -> QPoint:
        """Return where a row's eye is."""
        self.row(key, filter_key)
        return self.tree.visualRect(self.tree.rows.find((key, filter_key), EYE)).center()

    def click_layer(self, key: str, part: str = "name", modifiers: Modifiers = NONE) -> None:
        """Click the ``name``, ``picture`` or ``mask`` of a layer."""
        box: QRect = getattr(self.row(key)[1], part)
        at = QPoint(box.left() + 12, box.center().y())
        self.click(self.tree.viewport(), at, modifiers)

    def drag_layer(self, key: str, above: str) -> None:
        """Drag a layer's row to just above another one's."""
        self.row(above)
        start, end = self.row(key)[1].name, self.tree.visualRect(self.tree.rows.find((above, None), LAYER))
        first, last = QPoint(start.left() + 20, start.center().y()), QPoint(start.left() + 20, end.top() + 2)
        step = QPoint(first.x(), first.y() + (12 if last.y() > first.y() else -12))
        middle = QPoint(first.x(), (step.y() + last.y()) // 2)
        self.drag(self.tree.viewport(), first, step, middle, last, last)

    def menu(self) -> QMenu:
        """Return the menu that is open, waited for."""
        found: QMenu = self.until(lambda: QApplication.activePopupWidget(), "a menu")
        return found

    def choose_in_menu(self, name: str) -> None:
        """Click an entry of the open menu by its objectName."""
        menu = self.menu()
        action = next(a for a in menu.actions() if a.objectName() == name)
        self.click(menu, menu.actionGeometry(action).center())

    # -- the end

    def close_all(self) -> None:
        """Close the window without saving anything."""
        self._watchdog.stop()
        for box in self.window.findChildren(QDialog):
            box.close()
        with self.giving_up():
            self.window.close()

    @contextmanager
    def giving_up(self) -> Iterator[None]:
        """Answer "Don't Save" to whatever asks."""

        def look() -> None:
            box = QApplication.activeModalWidget()
            if box is None:
                return
            button = box.findChild(QPushButton, "unsaved_work_discard")
            if button is not None:
                button.click()
            else:
                box.close()

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(LOOK_MS)
        yield
        timer.stop()


_SERIAL = QPointingDeviceUniqueId.fromNumericId(1)
