"""The title of a section, which opens and closes it."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from retexture.gui import icons, theme

HEADER_HEIGHT = 28


class Header(QAbstractButton):
    """The title of a section: a click, Space, or Left and Right close and open it."""

    def __init__(self, inner: bool) -> None:
        super().__init__()
        self._inner = inner
        self.setCheckable(True)
        self.setFixedHeight(theme.CONTROL_HEIGHT if inner else HEADER_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus where the work is
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_title(self, title: str) -> None:
        """Show a title."""
        self.setText(title)
        self.setAccessibleName(f"{title} section")
        self.setToolTip(f"{title}\nOpen or close (Space, Left, Right)")

    def sizeHint(self) -> QSize:
        return QSize(80, HEADER_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if self.isChecked() != (event.key() == Qt.Key.Key_Right):
                self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = theme.BRIGHT_TEXT if self.underMouse() else theme.TEXT
        arrow = icons.pixmap(
            "chevron_down" if self.isChecked() else "chevron_right", 14, colour, self.devicePixelRatio()
        )
        left = 0 if self._inner else 4
        painter.drawPixmap(QPoint(left, (self.height() - 14) // 2), arrow)
        font = self.font()
        font.setBold(not self._inner)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        room = QRect(left + 20, 0, self.width() - left - 24, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
