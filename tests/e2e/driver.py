"""A hand at the real window: it clicks, drags, types and draws with a pen; what comes of it is read elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QPoint, QPointF, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QInputDevice,
    QKeySequence,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
    QWheelEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QPushButton, QSlider, QWidget

from retexture.gui.app import wait_until_idle
from retexture.gui.layer_row import ROW_ROLE, Parts, parts
from retexture.gui.layers_model import EYE, LAYER
from retexture.gui.layers_tree import LayersTree
from retexture.gui.window import MainWindow
from retexture.session.session import Session
from retexture.session.view import Point
from tests.e2e.invariants import sweep

Modifiers = Qt.KeyboardModifier
NONE, SHIFT, CTRL, ALT = (
    Modifiers.NoModifier,
    Modifiers.ShiftModifier,
    Modifiers.ControlModifier,
    Modifiers.AltModifier,
)
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
TIMEOUT_S = 20.0
PAUSE_MS = 1500
"""Longer than the pause that ends steps of keys."""
LOOK_MS = 10
"""How often a question is looked for while something waits for its answer."""

Answer = Callable[[Any], None]


class Driver:
    """The window and its user. All coordinates of `on_picture`, `stroke` and `pen` are pixels of the picture."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.messages: list[str] = []
        window.workspace.message.connect(self.messages.append)
        capability = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
        self._pens = {
            kind: QPointingDevice(
                "pen", number, QInputDevice.DeviceType.Stylus, kind, capability, 1, 2, "", _SERIAL
            )
            for number, kind in enumerate(
                (QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser), 77
            )
        }
        self._unanswered: list[str] = []
        self._asking: tuple[str, int] | None = None
        self._watchdog = QTimer()
        self._watchdog.timeout.connect(self._look_for_questions)
        self._watchdog.start(1000)

    def _look_for_questions(self) -> None:
        """Close a dialog that nobody answers, so that a test fails that would wait for ever."""
        box = QApplication.activeModalWidget()
        name = None if box is None else f"{type(box).__name__} {box.objectName()} {box.windowTitle()}"
        seconds = self._asking[1] + 1 if self._asking is not None and self._asking[0] == name else 0
        self._asking = None if name is None else (name, seconds)
        if box is not None and seconds > TIMEOUT_S:
            self._unanswered.append(str(name))
            self._asking = None
            box.close()

    # -- time

    def settle(self, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until nothing is under way and the exact picture is shown, then look at everything."""
        self.wait(timeout_s)
        if self.drafting:
            self.end_steps()
            self.wait(timeout_s)
        assert self.keyboard
        sweep(self.window)

    def end_steps(self) -> None:
        """Let steps of keys, which are joined until there is a pause, become one; other gestures go on."""
        pause = QTimer()
        pause.setSingleShot(True)
        pause.start(PAUSE_MS)
        self.until(lambda: not self.drafting or not pause.isActive(), "a pause")

    @property
    def drafting(self) -> bool:
        """Whether a gesture is under way."""
        return self.window.session is not None and self.session.gesture is not None

    def wait(self, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until nothing is under way."""
        assert wait_until_idle(self.window, timeout_s), f"not idle: {self.under_way()}"
        QApplication.processEvents()
        if not self.window.idle:
            assert wait_until_idle(self.window, timeout_s), f"not idle: {self.under_way()}"

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = TIMEOUT_S) -> Any:
        """Handle events until a condition holds; return what it gave."""
        timer = QTimer()
        timer.start(round(timeout_s * 1000))
        timer.setSingleShot(True)
        wake = QTimer()
        wake.start(LOOK_MS)
        while not (found := condition()):
            assert timer.isActive(), f"waited in vain for {what}"
            QApplication.processEvents(_WAIT)
        return found

    def under_way(self) -> str:
        """Say what keeps the window from being idle."""
        jobs = [job.title or job.lane for job in self.window.workspace.jobs.active]
        return (
            f"jobs {jobs}, timers {len(self.window.workspace._timers)}, canvas {self.window.canvas.settled}"
        )

    # -- what there is

    @property
    def session(self) -> Session:
        """The document in front."""
        assert self.window.session is not None
        return self.window.session

    @property
    def dialog(self) -> QDialog:
        """The dialog in front, waited for."""
        found: QDialog = self.until(lambda: QApplication.activeModalWidget(), "a dialog")
        self.activate(found)
        return found

    def find(self, name: str, inside: QWidget | None = None) -> QWidget:
        """Return the one visible widget of an objectName."""
        found = [w for w in (inside or self.window).findChildren(QWidget, name) if w.isVisible()]
        assert len(found) == 1, f"{len(found)} visible widgets are called {name}"
        return found[0]

    def activate(self, widget: QWidget) -> None:
        """Give a window the keyboard, as a window manager does."""

        def has_keyboard() -> bool:
            # Not isActiveWindow: a dialog is said to be active as soon as the window that it belongs to is.
            if QGuiApplication.focusWindow() == widget.windowHandle():
                return True
            widget.raise_()
            widget.activateWindow()  # again: one that is not mapped yet gets no keyboard, and nobody asks again for it
            return False

        self.until(has_keyboard, "the keyboard")

    # -- the mouse

    def click(
        self,
        target: QWidget | str,
        at: QPoint | None = None,
        modifiers: Modifiers = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """Click a widget, in its middle unless told where."""
        widget = self.find(target) if isinstance(target, str) else target
        self.show(widget)
        handle, place = _in_window(widget, at)
        QTest.mouseMove(handle, place)
        QTest.mouseClick(handle, button, modifiers, place)

    def double_click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click twice, fast."""
        self.show(widget)
        handle, place = _in_window(widget, at)
        QTest.mouseMove(handle, place)
        QTest.mouseClick(handle, LEFT, NONE, place)
        QTest.mouseDClick(handle, LEFT, NONE, place)

    def drag(
        self,
        widget: QWidget,
        *places: QPoint,
        modifiers: Modifiers = NONE,
        button: Qt.MouseButton = LEFT,
        let_go: bool = True,
    ) -> None:
        """Press at the first place, move over the others, and let go at the last one."""
        self.show(widget)
        handle, first = _in_window(widget, places[0])
        QTest.mouseMove(handle, first)
        QTest.mousePress(handle, button, modifiers, first)
        for place in places[1:]:
            QTest.mouseMove(handle, _in_window(widget, place)[1])
        if let_go:
            QTest.mouseRelease(handle, button, modifiers, _in_window(widget, places[-1])[1])

    def let_go(self, widget: QWidget, at: QPoint, button: Qt.MouseButton = LEFT) -> None:
        """End a drag."""
        handle, place = _in_window(widget, at)
        QTest.mouseRelease(handle, button, NONE, place)

    def move(self, widget: QWidget, at: QPoint) -> None:
        """Move the pointer."""
        handle, place = _in_window(widget, at)
        QTest.mouseMove(handle, place)

    def wheel(self, widget: QWidget, at: QPoint, notches: int, modifiers: Modifiers = NONE) -> None:
        """Turn the wheel: up is positive."""
        place = QPointF(at)
        event = QWheelEvent(
            place, QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def show(self, widget: QWidget) -> None:
        """Scroll to a widget, as the user does before it can be clicked."""
        above = widget.parentWidget()
        while above is not None:
            scroll = getattr(above, "ensureWidgetVisible", None)
            if scroll is not None:
                QApplication.processEvents()  # what has just opened must be laid out before it is scrolled to
                scroll(widget, 0, 4)
                QApplication.processEvents()
            above = above.parentWidget()

    def drag_slider(self, slider: QSlider, share: float, *, let_go: bool = True) -> QPoint:
        """Drag a slider's grip to a share of its way, 0-1, in five moves; return where that is."""
        self.show(slider)
        span = slider.maximum() - slider.minimum()
        now, y = (slider.value() - slider.minimum()) / span, slider.height() // 2
        x_of: Callable[[float], float] = slider.x_of  # of a PowerSlider
        places = [QPoint(round(x_of(now + (share - now) * i / 5)), y) for i in range(6)]
        self.drag(slider, *places, let_go=let_go)
        return places[-1]

    # -- the keyboard

    @property
    def keyboard(self) -> QWindow:
        """The window that keys go to: a modal dialog where there is one, as a window manager sees to."""
        modal: QWidget | None = QApplication.activeModalWidget()
        focused: QWindow | None = QGuiApplication.focusWindow()
        top = modal or self.window
        if QApplication.activePopupWidget() is None and (
            focused is None or (modal is not None and focused is not modal.windowHandle())
        ):
            self.activate(top)
        handle = top.windowHandle() if modal is not None or focused is None else focused
        assert handle is not None, "no window has the keyboard"
        return handle

    def key(self, key: Qt.Key | str, modifiers: Modifiers = NONE) -> None:
        """Press a key, wherever the focus is."""
        QTest.keyClick(self.keyboard, key, modifiers)  # type: ignore[arg-type] # a letter will do

    def press(self, key: Qt.Key) -> None:
        """Hold a key down."""
        QTest.keyPress(self.keyboard, key)

    def release(self, key: Qt.Key) -> None:
        """Let a key go."""
        QTest.keyRelease(self.keyboard, key)

    def keys(self, sequence: str) -> None:
        """Press keys by their names: ``Ctrl+Shift+Z``."""
        QTest.keySequence(self.keyboard, QKeySequence(sequence))

    def type(self, text: str) -> None:
        """Type a text, wherever the focus is."""
        for letter in text:
            self.key(letter)

    def type_over(self, text: str) -> None:
        """Take a text in place of what the field with the focus holds."""
        self.keys("Ctrl+A")
        self.type(text)

    def focus(self, widget: QWidget, *, backward: bool = False) -> None:
        """Press Tab until a widget has the focus."""
        for _ in range(200):
            focused = QApplication.focusWidget()
            if focused is widget or (focused is not None and focused is widget.focusProxy()):
                return
            self.key(Qt.Key.Key_Backtab if backward else Qt.Key.Key_Tab, SHIFT if backward else NONE)
        raise AssertionError(f"Tab does not come to {widget.objectName()}")

    def command(self, label: str) -> None:
        """Run a command of the menus through the command search."""
        self.keys("Ctrl+K")
        assert self.window.search.isVisible()
        self.type(label.rstrip("…"))
        chosen = self.find("command_search_list").currentIndex()
        assert chosen.data().rstrip("…") == label.rstrip("…"), f"the search finds {chosen.data()} for {label}"
        self.key(Qt.Key.Key_Return)

    def add_filter(self, label: str) -> None:
        """Add a smart filter to the layer, as its dialog offers it."""
        self.command(label)
        name = f"{label.lower().replace(' ', '_')}_dialog_ok"
        self.click(self.until(lambda: self.window.findChild(QPushButton, name), "the filter's dialog"))

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
_WAIT = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def _in_window(widget: QWidget, at: QPoint | None = None) -> tuple[QWindow, QPoint]:
    """Return the window of a widget, and where a point of the widget lies in it."""
    place = widget.rect().center() if at is None else at
    top = widget.window()
    handle = top.windowHandle()
    assert handle is not None, f"{widget.objectName()} is not on the screen"
    return handle, widget.mapTo(top, place)
