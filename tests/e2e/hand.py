"""A hand at the real window: it clicks, drags and types, and waits for what comes of it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QWheelEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QSlider, QWidget

from retexture.gui.app import wait_until_idle
from retexture.gui.window import MainWindow
from retexture.session.session import Session
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


class Hand:
    """The window and its user, with mouse, keyboard and patience."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.messages: list[str] = []
        window.workspace.message.connect(self.messages.append)
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


_WAIT = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def _in_window(widget: QWidget, at: QPoint | None = None) -> tuple[QWindow, QPoint]:
    """Return the window of a widget, and where a point of the widget lies in it."""
    place = widget.rect().center() if at is None else at
    top = widget.window()
    handle = top.windowHandle()
    assert handle is not None, f"{widget.objectName()} is not on the screen"
    return handle, widget.mapTo(top, place)
