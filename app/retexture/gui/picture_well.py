"""A place for one picture: chosen, or dropped on it. Where it takes a patch, a rectangle can be dragged on it."""

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from retexture.files.colour import profile_name
from retexture.gui import theme
from retexture.gui.picture_reading import THUMBNAIL, Reading

SMALLEST_DRAG = 4


class PictureView(QWidget):
    """A picture as far as it is read. Where it takes a patch, a rectangle can be dragged on it."""

    patch_dragged = Signal(str)
    """``x,y,width,height`` in px of the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.reading: Reading | None = None
        self._takes_patch = False
        self._patch = ""
        self._corner: QPoint | None = None
        self.setFixedSize(THUMBNAIL)

    def set_patch(self, takes: bool, patch: str) -> None:
        """Tell whether a patch can be dragged, and show the one that is chosen."""
        self._takes_patch, self._patch = takes, patch
        self.setCursor(Qt.CursorShape.CrossCursor if takes else Qt.CursorShape.ArrowCursor)
        self.update()

    def picture_rect(self) -> QRect:
        """Return where the thumbnail lies; empty without one."""
        thumbnail = self.reading.thumbnail if self.reading is not None else None
        if thumbnail is None:
            return QRect()
        rect = QRect(QPoint(0, 0), thumbnail.size())
        rect.moveCenter(self.rect().center())
        return rect

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.FIELD))
        shown = self.picture_rect()
        if self.reading is not None and self.reading.thumbnail is not None:
            painter.drawImage(shown.topLeft(), self.reading.thumbnail)
        else:
            painter.setPen(QColor(theme.DIM_TEXT))
            words = "Drop a picture here" if self.reading is None else "Reading…"
            if self.reading is not None and self.reading.problem is not None:
                words = "Cannot be read"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        patch = self._patch_rect(shown)
        if patch is not None:
            for colour, grow in ((theme.LINE, 1), (theme.BRIGHT_TEXT, 0)):
                painter.setPen(QPen(QColor(colour), 1))
                painter.drawRect(patch.adjusted(-grow, -grow, grow, grow))
        painter.setPen(QColor(theme.LINE))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _patch_rect(self, shown: QRect) -> QRect | None:
        image = self.reading.image if self.reading is not None else None
        try:
            x, y, width, height = (int(part) for part in self._patch.split(","))
        except ValueError:
            return None
        if not self._takes_patch or image is None:
            return None
        scale = shown.width() / image.width
        left, top = shown.x() + round(x * scale), shown.y() + round(y * scale)
        return QRect(left, top, round(width * scale), round(height * scale))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._takes_patch and event.button() == Qt.MouseButton.LeftButton:
            self._corner = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        image = self.reading.image if self.reading is not None else None
        if self._corner is None or image is None:
            return
        shown = self.picture_rect()
        dragged = QRect(self._corner, event.position().toPoint()).normalized() & shown
        if dragged.width() < SMALLEST_DRAG or dragged.height() < SMALLEST_DRAG:
            return
        scale = image.width / shown.width()
        x, y = round((dragged.x() - shown.x()) * scale), round((dragged.y() - shown.y()) * scale)
        width = min(round(dragged.width() * scale), image.width - x)
        height = min(round(dragged.height() * scale), image.height - y)
        self._patch = f"{x},{y},{width},{height}"
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._corner is not None and self._patch:
            self.patch_dragged.emit(self._patch)
        self._corner = None


class Well(QWidget):
    """Takes one picture: chosen, or dropped on it."""

    chosen = Signal(object)
    """A Path."""

    def __init__(self, name: str, title: str, hint: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}_well")
        self.setAcceptDrops(True)
        self.title = title
        self.reading: Reading | None = None
        head = QLabel(f"<b>{title}</b> &nbsp;<span style='color:{theme.DIM_TEXT}'>{hint}</span>")
        self.view = PictureView()
        self.view.setObjectName(f"{name}_view")
        self.view.setAccessibleName(f"{title} picture")
        self._name = QLabel()
        self._facts = QLabel()
        self.choose = QPushButton("Choose…")
        self.choose.setObjectName(f"{name}_choose")
        self.choose.setAccessibleName(f"Choose the {title.lower()} picture")
        self.choose.setToolTip(f"Choose the {title.lower()} picture from a folder")
        self.choose.setAutoDefault(False)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        foot = QHBoxLayout()
        foot.addLayout(words, 1)
        foot.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignTop)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.SPACE)
        whole.addWidget(head)
        whole.addWidget(self.view)
        whole.addLayout(foot)
        self.setFixedWidth(THUMBNAIL.width())
        self.show_reading(None)

    def show_reading(self, reading: Reading | None) -> None:
        """Show a picture as far as it is read."""
        self.reading = self.view.reading = reading
        facts, colour = "", theme.DIM_TEXT
        if reading is not None and reading.image is not None:
            image = reading.image
            depth = "32-bit float" if image.depth == 32 else f"{image.depth}-bit"
            facts = f"{image.width} × {image.height} px, {depth}, {profile_name(image.icc)}"
        elif reading is not None and reading.problem is not None:
            facts, colour = f"{reading.problem.problem}; {reading.problem.remedy}", theme.ERROR
        elif reading is not None:
            facts = "Reading…"
        name = reading.path.name if reading is not None else "No picture yet"
        metrics = self.fontMetrics()
        room = self.width() - self.choose.sizeHint().width() - theme.SPACE
        self._name.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room))
        self._name.setToolTip(str(reading.path) if reading is not None else "")
        wrong = reading is not None and reading.problem is not None
        self._facts.setWordWrap(wrong)
        self._facts.setText(facts if wrong else metrics.elidedText(facts, Qt.TextElideMode.ElideRight, room))
        self._facts.setToolTip(facts)
        self._facts.setStyleSheet(f"color: {colour};")
        self.view.setAccessibleDescription(f"{name}, {facts}")
        self.view.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if sum(url.isLocalFile() for url in event.mimeData().urls()) == 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.chosen.emit(Path(event.mimeData().urls()[0].toLocalFile()))
