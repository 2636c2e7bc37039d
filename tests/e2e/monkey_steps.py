"""Random clicks, drags, keys, pen strokes and commands, with the sweep after each."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)

from retexture.gui.layers_model import EYE, LAYER
from retexture.gui.power_slider import PowerSlider
from retexture.session.jobs import Crash
from tests.e2e.driver import Driver
from tests.e2e.hand import ALT, CTRL, LOOK_MS, MIDDLE, NONE, RIGHT, SHIFT

KEY = Qt.Key

LEFT_OUT = frozenset({"quit", "open", "open_pair", "open_sample", "close", "quick_export", "screen_profile"})
"""Commands that end the program or bring in other files."""
NOT_CLICKED = ("start_", "qt_dockwidget_", "recipe_", "crash_")

KEYS: tuple[tuple[Any, Any], ...] = (
    *((letter, NONE) for letter in "BEGHZXDYWC[]0159\\"),
    *((key, NONE) for key in (KEY.Key_Escape, KEY.Key_Tab, KEY.Key_Up, KEY.Key_Down, KEY.Key_Left, KEY.Key_Right)),
    *((key, NONE) for key in (KEY.Key_Return, KEY.Key_Space, KEY.Key_Delete, KEY.Key_F2, KEY.Key_S)),
    (KEY.Key_Backtab, SHIFT),
    *((letter, CTRL) for letter in "0ZYIJG1"),
    *((letter, SHIFT) for letter in "YXCF"),
    (KEY.Key_Z, CTRL | SHIFT),
)  # fmt: skip


class Wrong(Exception):
    """Something is not as it must be; the text says after which steps."""


class Monkey:
    """Does one random thing after the other. The same seed does the same things."""

    def __init__(self, driver: Driver, seed: int) -> None:
        self.driver = driver
        self.seed = seed
        self.random = Random(seed)
        self.steps: list[str] = []
        self.problems: list[str] = []
        self._picked, self._keeps = 0.0, True
        driver.window.workspace.crashed.connect(self._note_crash)
        actions: list[tuple[int, Callable[[], str]]] = [
            (12, self._click),
            (8, self._draw),
            (4, self._pen),
            (5, self._wheel),
            (8, self._key),
            (12, self._command),
            (6, self._slide),
            (3, self._choose),
            (3, self._type),
            (8, self._row),
            (4, self._drag_row),
            (3, self._row_menu),
            (2, self._tab),
            (6, self._undo),
            (2, self._hold),
        ]
        self._actions = [action for weight, action in actions for _ in range(weight)]

    # -- one step

    def step(self) -> None:
        """Do something, settle, and look at everything.

        Raises:
            Wrong: a defect; it names the seed and all steps.
        """
        action = self.random.choice(self._actions)
        self._picked, self._keeps = self.random.random(), self.random.random() < 0.5
        self.steps.append(action.__name__.strip("_"))
        try:
            with self._ending_questions():
                self.steps[-1] += f": {action()}"
            self._leave()
            self._end_drafts()
            self.driver.settle()
        except Exception:  # noqa: BLE001 - whatever it is, the steps to it are told
            self.problems.append(traceback.format_exc())
        if self.problems:
            done = "\n".join(f"  {i + 1}. {step}" for i, step in enumerate(self.steps))
            again = f"python -m tests.e2e.monkey --seed {self.seed} --steps {len(self.steps)}"
            raise Wrong("\n".join((f"seed {self.seed}:", done, *self.problems, f"Again: {again}")))

    def _leave(self) -> None:
        """Close what is open over the window."""
        for _ in range(10):
            over: QWidget | None = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if over is None:
                return
            self._escape(over)
            QApplication.processEvents()
        raise AssertionError(f"{over} does not close")

    def _end_drafts(self) -> None:
        """Keep or drop what goes on beyond a step: the dialog of a filter, the box of a transform."""
        self.driver.wait()
        if self.driver.drafting:
            self.driver.end_steps()
        gesture = None if self.driver.window.session is None else self.driver.session.gesture
        if gesture is None:
            return
        dialogs = [
            dialog
            for dialog in self.driver.window.findChildren(QDialog)
            if dialog.isVisible() and dialog.windowTitle() == gesture.label
        ]
        if dialogs:
            self.driver.activate(dialogs[0])
        else:
            self.driver.activate(self.driver.window)
            self.driver.window.canvas.setFocus()
        keep = self._keeps
        self.steps[-1] += f" ({gesture.label} {'kept' if keep else 'dropped'})"
        self.driver.key(KEY.Key_Return if keep else KEY.Key_Escape)

    def _note_crash(self, crash: Crash) -> None:
        self.problems.append(crash.details)

    @contextmanager
    def _ending_questions(self) -> Iterator[None]:
        """Choose from menus that come up, and leave dialogs, while a step waits for their end."""

        def look() -> None:
            popup: QWidget | None = QApplication.activePopupWidget()
            if isinstance(popup, QMenu) and self._picked >= 0:
                entries = [a for a in popup.actions() if self._is_harmless(a)]
                chosen = entries[int(self._picked * len(entries))] if entries else None
                self._picked = -1.0
                if chosen is not None and chosen.menu() is None:
                    self.steps[-1] += f" > {chosen.text()}"
                    self.driver.click(popup, popup.actionGeometry(chosen).center())
                    return
            over: QWidget | None = popup or QApplication.activeModalWidget()
            if over is not None:
                self._escape(over)

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(LOOK_MS)
        try:
            yield
            while (
                QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None
            ):
                QApplication.processEvents()
        finally:
            timer.stop()

    def _escape(self, over: QWidget) -> None:
        if isinstance(over, QMenu) or over.windowHandle() is None:
            over.close()
        else:
            self.driver.key(KEY.Key_Escape)
            with suppress(RuntimeError):  # it has been deleted
                if over.isVisible():
                    over.close()

    @staticmethod
    def _is_harmless(action: QAction) -> bool:
        return action.isEnabled() and not action.isSeparator() and action.objectName() not in LEFT_OUT

    # -- what it does; each says what it was

    def _visible(self, kind: type[Any]) -> list[Any]:
        return [
            w
            for w in self.driver.window.findChildren(kind)
            if w.isVisible() and w.isEnabled() and w.visibleRegion().boundingRect().height() > 4
        ]

    def _click(self) -> str:
        buttons = [
            b
            for b in self._visible(QAbstractButton)
            if b.objectName() and not b.objectName().startswith(NOT_CLICKED)
        ]
        if not buttons:
            return "nothing"
        button = self.random.choice(buttons)
        modifiers = self.random.choice((NONE, NONE, NONE, ALT, SHIFT))
        name = button.objectName()
        self._click_shown(button, modifiers)
        return f"{name} {_names(modifiers)}"

    def _click_shown(self, widget: QWidget, modifiers: Any = NONE) -> None:
        middle = widget.visibleRegion().boundingRect().center()
        self.driver.click(widget, middle, modifiers)

    def _point(self) -> tuple[float, float]:
        document = self.driver.session.document
        return (
            self.random.uniform(-20, document.width_px + 20),
            self.random.uniform(-20, document.height_px + 20),
        )

    def _places(self, count: int) -> list[QPoint]:
        """Return places on the canvas, most of them on the picture."""
        canvas = self.driver.window.canvas
        if self.random.random() < 0.8:
            document = self.driver.session.document
            width, height = document.width_px, document.height_px
            wanted = [
                self.driver.on_picture(self.random.uniform(0, width), self.random.uniform(0, height))
                for _ in range(count)
            ]
            return [p if canvas.rect().contains(p) else canvas.rect().center() for p in wanted]
        return [
            QPoint(self.random.randrange(canvas.width()), self.random.randrange(canvas.height()))
            for _ in range(count)
        ]

    def _draw(self) -> str:
        places = self._places(self.random.randint(1, 5))
        button, modifiers = self.random.choice(
            ((LEFT_BUTTON, NONE), (LEFT_BUTTON, NONE), (LEFT_BUTTON, SHIFT), (MIDDLE, NONE), (RIGHT, ALT))
        )
        escape = self.random.random() < 0.15
        canvas = self.driver.window.canvas
        self.driver.drag(canvas, *places, modifiers=modifiers, button=button, let_go=not escape)
        if escape:
            self.driver.key(KEY.Key_Escape)
            self.driver.let_go(canvas, places[-1], button)
        return f"{button.name} {_names(modifiers)} {[p.toTuple() for p in places]}{' Esc' if escape else ''}"

    def _pen(self) -> str:
        points = [(*self._point(), self.random.random()) for _ in range(self.random.randint(1, 6))]
        eraser = self.random.random() < 0.3
        self.driver.pen(*points, eraser=eraser)
        return f"{[tuple(round(v, 2) for v in p) for p in points]}{' eraser' if eraser else ''}"

    def _wheel(self) -> str:
        place, notches = self._places(1)[0], self.random.choice((-5, -3, -1, 1, 2))
        modifiers = self.random.choice((NONE, NONE, SHIFT, CTRL))
        self.driver.wheel(self.driver.window.canvas, place, notches, modifiers)
        return f"{notches} at {place.toTuple()} {_names(modifiers)}"

    def _key(self) -> str:
        key, modifiers = self.random.choice(KEYS)
        self.driver.key(key, modifiers)
        return f"{key if isinstance(key, str) else key.name} {_names(modifiers)}"

    def _undo(self) -> str:
        keys = self.random.choice(("Ctrl+Z", "Ctrl+Z", "Ctrl+Shift+Z"))
        times = self.random.randint(1, 4)
        for _ in range(times):
            self.driver.keys(keys)
        return f"{times} times {keys}"

    def _hold(self) -> str:
        key = self.random.choice((KEY.Key_C, KEY.Key_Space))
        places = self._places(3)
        self.driver.window.canvas.setFocus()
        self.driver.press(key)
        self.driver.drag(self.driver.window.canvas, *places)
        self.driver.release(key)
        return f"{key.name} {[p.toTuple() for p in places]}"

    def _command(self) -> str:
        entries = [
            (command, action)
            for command, action in self.driver.window.actions_
            if action.isEnabled() and command.name not in LEFT_OUT
        ]
        command, _ = self.random.choice(entries)
        self.driver.keys("Ctrl+K")
        if not self.driver.window.search.isVisible():
            return "no search"
        self.driver.type(command.label.rstrip("…"))
        shown = self.driver.find("command_search_list").currentIndex()
        if shown.isValid() and shown.data() == command.label:
            self.driver.key(KEY.Key_Return)
        else:
            self.driver.key(KEY.Key_Escape)
        return command.name

    def _slide(self) -> str:
        sliders = self._visible(PowerSlider)
        if not sliders:
            return "nothing"
        slider, share = self.random.choice(sliders), self.random.random()
        name = slider.objectName()
        escape = self.random.random() < 0.2
        end = self.driver.drag_slider(slider, share, let_go=not escape)
        if escape:
            self.driver.key(KEY.Key_Escape)
            self.driver.let_go(slider, end)
        return f"{name} to {share:.2f}{' Esc' if escape else ''}"

    def _choose(self) -> str:
        combos = self._visible(QComboBox)
        if not combos:
            return "nothing"
        combo, steps = self.random.choice(combos), self.random.randint(1, 4)
        name = combo.objectName()
        self._click_shown(combo)
        for _ in range(steps):
            self.driver.key(KEY.Key_Down)
        self.driver.key(self.random.choice((KEY.Key_Return, KEY.Key_Escape)))
        return f"{name} {steps}"

    def _type(self) -> str:
        fields = [edit for edit in self._visible(QLineEdit) if not edit.isReadOnly()]
        if not fields:
            return "nothing"
        field = self.random.choice(fields)
        text = self.random.choice(("0", "1", "12.5", "50", "99999", "-3", "abc", "200 %", ""))
        name = field.objectName()
        self._click_shown(field)
        self.driver.type_over(text)
        self.driver.key(self.random.choice((KEY.Key_Return, KEY.Key_Return, KEY.Key_Escape, KEY.Key_Tab)))
        return f"{name} {text!r}"

    def _row_place(self) -> tuple[str, QPoint] | None:
        tree = self.driver.tree
        rows = [row for row in tree.rows.rows if not tree.visualRect(tree.rows.find(row.name)).isEmpty()]
        if not rows:
            return None
        row = self.random.choice(rows)
        index = tree.rows.find(row.name, self.random.choice((EYE, LAYER, LAYER, LAYER)))
        tree.scrollTo(index)
        rect = tree.visualRect(index)
        place = QPoint(self.random.randint(rect.left(), rect.right()), rect.center().y())
        return str(row.name), place

    def _row(self) -> str:
        found = self._row_place()
        if found is None:
            return "nothing"
        name, place = found
        modifiers = self.random.choice((NONE, NONE, NONE, CTRL, SHIFT, ALT))
        if self.random.random() < 0.15:
            self.driver.double_click(self.driver.tree.viewport(), place)
            return f"{name} twice at {place.toTuple()}"
        self.driver.click(self.driver.tree.viewport(), place, modifiers)
        return f"{name} at {place.toTuple()} {_names(modifiers)}"

    def _drag_row(self) -> str:
        found = self._row_place()
        if found is None:
            return "nothing"
        name, start = found
        view = self.driver.tree.viewport()
        end = QPoint(self.random.randrange(view.width()), self.random.randrange(-5, view.height() + 5))
        middle = QPoint((start.x() + end.x()) // 2, (start.y() + end.y()) // 2)
        self.driver.drag(view, start, start + QPoint(0, 12), middle, end, end)
        return f"{name} from {start.toTuple()} to {end.toTuple()}"

    def _row_menu(self) -> str:
        found = self._row_place()
        if found is None:
            return "nothing"
        name, place = found
        view = self.driver.tree.viewport()
        self.driver.click(view, place, button=RIGHT)
        view_menu = self.driver.window.layers
        view_menu.tree.setFocus()
        self.driver.key(KEY.Key_Menu)
        return name

    def _tab(self) -> str:
        tabs: QTabBar = self.driver.window.tabs
        if not tabs.isVisible() or tabs.count() == 0:
            return "nothing"
        index = self.random.randrange(tabs.count())
        self.driver.click(tabs, tabs.tabRect(index).center())
        return str(index)


LEFT_BUTTON = Qt.MouseButton.LeftButton


def _names(modifiers: Any) -> str:
    return "" if modifiers == NONE else str(modifiers.name)
