"""What the window shows while no document is open: ways to open one, recent files, and the recipes."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from retexture.gui import theme
from retexture.gui.icons import icon
from retexture.gui.resources import resource
from retexture.gui.workspace import Workspace
from retexture.recipes import DEFAULT_RECIPE, RECIPES
from retexture.recipes.base import Recipe

COLUMNS = 4
CARD_WIDTH, PICTURE_HEIGHT = 222, 148
"""The pictures are 3:2."""
CARD_MARGIN = 10
SIDE_WIDTH = 240
GAP = 14
MOST_RECENT = 8
CORNER = 5


class StartPage(QWidget):
    """Opens nothing itself: it says what the user wants. Files can be dropped on it."""

    open_requested = Signal()
    open_pair_requested = Signal(object)
    """The name of a recipe, or None for the usual one."""
    sample_requested = Signal()
    recent_requested = Signal(object)
    """A Path."""
    files_dropped = Signal(object)
    """A list of Paths."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setObjectName("start_page")
        self.setAccessibleName("Start")
        self.setAcceptDrops(True)
        self._dropping = False

        column = QWidget()
        column.setFixedWidth(SIDE_WIDTH + 2 * GAP + COLUMNS * CARD_WIDTH + (COLUMNS - 1) * GAP)
        whole = QVBoxLayout(column)
        whole.setContentsMargins(0, 16, 0, 16)
        whole.setSpacing(4)
        whole.addWidget(_title("Retexture", 24))
        whole.addWidget(_dim("Puts a portrait's own skin texture back after AI smoothing."))
        whole.addSpacing(20)
        halves = QHBoxLayout()
        halves.setSpacing(2 * GAP)
        halves.addLayout(self._side())
        halves.addLayout(self._recipes(), 1)
        whole.addLayout(halves)

        centred = QWidget()
        around = QHBoxLayout(centred)
        around.addStretch(1)
        around.addWidget(column)
        around.addStretch(1)
        upright = QWidget()
        middle = QVBoxLayout(upright)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch(2)
        middle.addWidget(centred)
        middle.addStretch(3)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(upright)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(area)
        self.refresh()

    # -- the left side

    def _side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(theme.SPACE)
        for name, text, picture, tip, run in (
            (
                "start_open",
                "Open…",
                "open",
                "Open a picture, a PSD or a project (Ctrl+O)",
                self.open_requested.emit,
            ),
            (
                "start_open_pair",
                "Open original and retouched…",
                "compare_side",
                "Open a picture as taken and the same picture as the AI left it",
                partial(self.open_pair_requested.emit, None),
            ),
            (
                "start_sample",
                "Try the sample",
                "play",
                "Make a sample portrait and open it; nothing is downloaded",
                self.sample_requested.emit,
            ),
        ):
            button = QPushButton(text)
            button.setObjectName(name)
            button.setAccessibleName(text.rstrip("…"))
            button.setToolTip(tip)
            button.setIcon(icon(picture, 18))
            button.setIconSize(QSize(18, 18))
            button.setStyleSheet("text-align: left; padding: 7px 12px;")
            button.setFixedWidth(SIDE_WIDTH)
            button.clicked.connect(lambda _checked, run=run: run())
            side.addWidget(button)
        side.addSpacing(GAP)
        side.addWidget(_title("Recent", 13))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        side.addLayout(self._recent)
        side.addSpacing(GAP)
        hint = _dim("Or drop files here: one to open it, two to compare them.")
        hint.setWordWrap(True)
        hint.setFixedWidth(SIDE_WIDTH)
        side.addWidget(hint)
        side.addStretch(1)
        return side

    def refresh(self) -> None:
        """Show the recent files as the preferences have them now."""
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        paths = [Path(path) for path in self.workspace.preferences.recent_files][:MOST_RECENT]
        for n, path in enumerate(paths):
            row = RecentRow(path)
            row.setObjectName(f"start_recent_{n + 1}")
            row.clicked.connect(lambda _checked=False, path=path: self.recent_requested.emit(path))
            self._recent.addWidget(row)
        if not paths:
            self._recent.addWidget(_dim("Files that you open are listed here."))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.refresh()

    # -- the recipes

    def _recipes(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(theme.SPACE)
        side.addWidget(_title("Recipes", 13))
        grid = QGridLayout()
        grid.setSpacing(GAP)
        names = sorted(RECIPES, key=lambda name: name != DEFAULT_RECIPE)
        self.cards = [RecipeCard(RECIPES[name]) for name in names]
        for n, card in enumerate(self.cards):
            card.clicked.connect(partial(self._choose, card.recipe.name))
            card.moved.connect(partial(self._move_focus, n))
            grid.addWidget(card, n // COLUMNS, n % COLUMNS)
        side.addLayout(grid)
        side.addStretch(1)
        return side

    def _choose(self, name: str, _checked: bool = False) -> None:
        self.open_pair_requested.emit(name)

    def _move_focus(self, n: int, columns: int, rows: int) -> None:
        target = n + columns + rows * COLUMNS
        if 0 <= target < len(self.cards):
            self.cards[target].setFocus(Qt.FocusReason.TabFocusReason)

    # -- drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._show_dropping(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_dropping(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._show_dropping(False)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.files_dropped.emit(paths)

    def _show_dropping(self, on: bool) -> None:
        self._dropping = on
        self.setContentsMargins(*([2] * 4 if on else [0] * 4))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.WINDOW))
        if self._dropping:
            painter.setPen(QPen(QColor(theme.ACCENT), 3))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))


class RecipeCard(QAbstractButton):
    """A recipe's picture, title and sentence; a click or Enter chooses it."""

    moved = Signal(int, int)
    """An arrow key: columns, rows."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.setObjectName(f"recipe_{recipe.name.replace('-', '_')}")
        self.setAccessibleName(recipe.title)
        self.setAccessibleDescription(recipe.summary)
        self.setToolTip(
            "Choose a picture" if recipe.flat else "Choose the original and the retouched picture"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._picture = QPixmap(str(resource(f"recipes/{recipe.name}.jpg")))
        self._heading = QFont(self.font())
        self._heading.setBold(True)

    def sizeHint(self) -> QSize:
        line = QFontMetrics(self.font()).lineSpacing()
        heading = QFontMetrics(self._heading).height()
        return QSize(CARD_WIDTH, PICTURE_HEIGHT + 2 * CARD_MARGIN + heading + 4 + 4 * line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in steps:
            self.moved.emit(*steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(self.rect().adjusted(1, 1, -1, -1), CORNER, CORNER)
        lit = self.underMouse() or self.isDown()
        painter.fillPath(outline, QColor(theme.RAISED if lit else theme.PANEL))
        painter.save()
        painter.setClipPath(outline)
        painter.drawPixmap(QRect(0, 0, self.width(), PICTURE_HEIGHT), self._picture)
        painter.restore()
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(theme.ACCENT if focused else theme.LINE), 2 if focused else 1))
        painter.drawPath(outline)
        words = QRect(0, PICTURE_HEIGHT, self.width(), self.height() - PICTURE_HEIGHT)
        words.adjust(CARD_MARGIN, CARD_MARGIN, -CARD_MARGIN, -CARD_MARGIN)
        painter.setFont(self._heading)
        painter.setPen(QColor(theme.BRIGHT_TEXT))
        metrics = QFontMetrics(self._heading)
        title = metrics.elidedText(self.recipe.title, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, title)
        words.setTop(words.top() + metrics.height() + 4)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.TEXT))
        wrap = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(words, int(wrap), self.recipe.summary)


class RecentRow(QAbstractButton):
    """A recent file: its name, and beneath it its folder."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.setAccessibleName(f"{path.name} in {path.parent}")
        self.setToolTip(str(path))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedWidth(SIDE_WIDTH)

    def sizeHint(self) -> QSize:
        return QSize(SIDE_WIDTH, 2 * QFontMetrics(self.font()).height() + 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.RAISED))
            painter.drawRoundedRect(self.rect(), 3, 3)
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)
        metrics = QFontMetrics(self.font())
        width = self.width() - 12
        painter.setPen(QColor(theme.TEXT))
        name = metrics.elidedText(self.path.name, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(6, 4 + metrics.ascent(), name)
        painter.setPen(QColor(theme.DIM_TEXT))
        folder = metrics.elidedText(str(self.path.parent), Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(6, 4 + metrics.height() + metrics.ascent(), folder)


def _title(text: str, size_px: int) -> QLabel:
    label = QLabel(text)
    label.setStyleSheet(f"font-size: {size_px}px; font-weight: 600; color: {theme.BRIGHT_TEXT};")
    return label


def _dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setStyleSheet(f"color: {theme.DIM_TEXT};")
    return label
