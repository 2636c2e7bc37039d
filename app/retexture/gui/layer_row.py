"""One row of the Layers panel: where its parts are, and how they are painted."""

from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from retexture.document.layers import AdjustmentLayer, AnyLayer, GroupLayer, SmartFilter
from retexture.engine.modes import BlendMode
from retexture.gui import theme
from retexture.gui.icons import pixmap
from retexture.gui.picture_painting import checkerboard
from retexture.session.mask_edits import mask_is_on
from retexture.session.target import FilterMask, Target

Index = QModelIndex | QPersistentModelIndex

EYE_WIDTH = 30
THUMBNAIL, FILTER_THUMBNAIL = 34, 30
LAYER_HEIGHT, FILTER_HEIGHT, MASKED_FILTER_HEIGHT = 40, 26, 36
CHECK_PX = 4
INDENT = 16
CLIP_INDENT = 16
GAP = 6
LINK = 14
"""Width of the chain between the thumbnails."""
SIGN = 16
"""Edge of the signs: eye, lock, clipping arrow."""

HINTS = {
    "eye": "Shows or hides the layer; drag over eyes for several. Alt-click: this layer alone, and back.",
    "filter_eye": "Switches the smart filter on or off.",
    "picture": "The layer's own pixels. Click to paint on them, Ctrl-click to select where they are opaque.",
    "mask": "The layer mask. Click to paint on it, Alt-click to view it, Alt-drag it to another layer to copy it, "
    "Shift-click to switch it off or on, Ctrl-click to select what it shows.",
    "filter_mask": "The mask of the smart filter: white shows its effect. Click to paint on it, Alt-click to view it, "
    "Shift-click to switch it off or on.",
    "link": "Chained: the mask moves and is transformed with the layer. Click to chain or to unchain it.",
    "lock": "Locked. Click to unlock.",
    "clip": "Clipped to the layer beneath (Ctrl+Alt+G).",
    "name": "Double-click to rename (F2). Drag to move.",
    "filter": "Double-click to edit in Properties. Drag to reorder.",
}
"""What can be done with each part: as `part_at` names them, and the eyes."""

ROW_ROLE = Qt.ItemDataRole.UserRole
"""A `RowLook`."""


class RowLook(NamedTuple):
    """What a row shows."""

    layer: AnyLayer
    filter: SmartFilter | None
    """The smart filter that the row is of; None: the layer itself."""
    shown: bool
    """All groups that it lies in are visible, and for a filter its layer too."""
    target: Target | None
    """What brushes would paint on, if the layer is the active one."""
    thumbnail: QPixmap | None
    mask_thumbnail: QPixmap | None

    @property
    def on(self) -> bool:
        """Whether its eye is open."""
        return self.layer.visible if self.filter is None else self.filter.enabled

    @property
    def has_mask(self) -> bool:
        """Whether it shows a mask."""
        if self.filter is not None:
            return self.filter.mask is not None
        mask = self.layer.mask
        return mask is not None and (mask.painted is not None or bool(mask.components))

    @property
    def mask_is_on(self) -> bool:
        """Whether the mask that it shows has an effect."""
        if self.filter is not None:
            return self.filter.mask is not None and self.filter.mask.enabled
        return self.layer.mask is not None and mask_is_on(self.layer.mask)

    @property
    def mask_is_target(self) -> bool:
        """Whether brushes would paint on the mask that it shows."""
        return self.target == ("mask" if self.filter is None else FilterMask(self.filter.key))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.layer.name if self.filter is None else self.filter.filter.label

    @property
    def details(self) -> str:
        """Blend mode and opacity, where they are not the usual ones."""
        if self.filter is not None:
            return ""
        words = []
        if self.layer.blend_mode not in (BlendMode.NORMAL, BlendMode.PASS_THROUGH):
            words.append(self.layer.blend_mode.label)
        if self.layer.opacity < 1:
            words.append(f"{self.layer.opacity * 100:.0f} %")
        if self.layer.fill < 1:
            words.append(f"Fill {self.layer.fill * 100:.0f} %")
        return ", ".join(words)


class Parts(NamedTuple):
    """Where the parts of a row lie, in the tree's coordinates; empty rectangles for those that it has not."""

    clip: QRect
    picture: QRect
    link: QRect
    mask: QRect
    name: QRect
    lock: QRect


def parts(rect: QRect, look: RowLook) -> Parts:
    """Return where the parts lie in a row's item rectangle."""

    def centred(x: int, edge: int) -> QRect:
        return QRect(x, rect.top() + (rect.height() - edge) // 2, edge, edge)

    x = rect.left() + 2
    nothing = QRect()
    clip = link = mask = lock = nothing
    if look.filter is not None:
        picture = centred(x, SIGN)
        x += SIGN + GAP
        if look.has_mask:
            mask = centred(x, FILTER_THUMBNAIL)
            x += FILTER_THUMBNAIL + GAP
    else:
        if look.layer.clipped:
            clip = centred(x, SIGN)
            x += CLIP_INDENT + 2
        picture = centred(x, THUMBNAIL)
        x += THUMBNAIL
        if look.has_mask:
            link = QRect(x, picture.top(), LINK, THUMBNAIL)
            x += LINK
            mask = centred(x, THUMBNAIL)
            x += THUMBNAIL
        x += GAP
    right = rect.right() - GAP
    if look.filter is None and look.layer.locked:
        lock = centred(right - SIGN, SIGN)
        right -= SIGN + GAP
    return Parts(
        clip, picture, link, mask, QRect(x + 2, rect.top(), max(right - x - 2, 0), rect.height()), lock
    )


def part_at(rect: QRect, look: RowLook, point: QPoint) -> str:
    """Return the name of the part under a point of a row's item rectangle; a key of `HINTS`."""
    for name, box in parts(rect, look)._asdict().items():
        if box.contains(point) and name != "name":
            of_filter = "filter_mask" if name == "mask" else "filter"
            return name if look.filter is None else of_filter
    return "name" if look.filter is None else "filter"


class RowDelegate(QStyledItemDelegate):
    """Paints rows and edits names in place."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        look: RowLook = index.data(ROW_ROLE)
        filter_height = MASKED_FILTER_HEIGHT if look.has_mask else FILTER_HEIGHT
        return QSize(EYE_WIDTH, LAYER_HEIGHT if look.filter is None else filter_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look: RowLook = index.data(ROW_ROLE)
        rect: QRect = option.rect
        ratio = painter.device().devicePixelRatioF()
        painter.save()
        if index.column() == 0:
            _paint_eye(painter, rect, look, ratio)
        else:
            state = option.state
            selected = bool(state & QStyle.StateFlag.State_Selected)
            _paint_row(painter, rect, look, ratio, selected, option.fontMetrics)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("layer_name")
        editor.setAccessibleName("Layer name")
        editor.setToolTip("Enter takes the name, Esc leaves the old one.")
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        name = parts(rect, index.data(ROW_ROLE)).name
        height = theme.CONTROL_HEIGHT
        editor.setGeometry(name.left() - 4, name.center().y() - height // 2, name.width() + 4, height)

    def helpEvent(self, *args: object) -> bool:
        return False  # the tree knows which part the pointer is over

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        return False


def _paint_eye(painter: QPainter, rect: QRect, look: RowLook, ratio: float) -> None:
    colour = theme.TEXT if look.on and look.shown else theme.DISABLED_TEXT
    _sign(painter, rect, "eye" if look.on else "eye_off", colour, ratio)


def _sign(painter: QPainter, box: QRect, name: str, colour: str, ratio: float, edge: int = SIGN) -> None:
    """Paint an icon in the middle of a box."""
    x = box.left() + (box.width() - edge) // 2
    y = box.top() + (box.height() - edge) // 2
    painter.drawPixmap(x, y, drawn(name, edge, colour, ratio))


@lru_cache(64)
def drawn(name: str, edge: int, colour: str, ratio: float) -> QPixmap:
    """Return an icon's picture, drawn once for all rows."""
    return pixmap(name, edge, colour, ratio)


def _paint_row(
    painter: QPainter, rect: QRect, look: RowLook, ratio: float, selected: bool, metrics: QFontMetrics
) -> None:
    where = parts(rect, look)
    lit = look.on and look.shown
    bright = theme.BRIGHT_TEXT if selected else theme.TEXT
    text = bright if lit else (theme.DIM_TEXT if selected else theme.DISABLED_TEXT)
    if look.filter is not None:
        _sign(painter, where.picture, "filter", text, ratio)
    elif isinstance(look.layer, GroupLayer):
        _sign(painter, where.picture, "folder", text, ratio, 22)
    elif isinstance(look.layer, AdjustmentLayer):
        _sign(painter, where.picture, "adjustment", text, ratio, 22)
    else:
        _thumbnail(painter, where.picture, look.thumbnail, lit, framed=look.target == "layer")
    if look.layer.clipped and look.filter is None:
        _sign(painter, where.clip, "clip_arrow", text, ratio)
    if look.has_mask:
        if look.filter is None and look.layer.mask is not None and look.layer.mask.linked:
            _sign(painter, where.link, "link", text, ratio, LINK)
        _thumbnail(painter, where.mask, look.mask_thumbnail, lit, framed=look.mask_is_target)
        if not look.mask_is_on:
            _cross(painter, where.mask)
    if look.layer.locked and look.filter is None:
        _sign(painter, where.lock, "lock", bright, ratio)
    _words(painter, where.name, look, metrics, text, theme.TEXT if selected else theme.DIM_TEXT)


def _words(
    painter: QPainter, box: QRect, look: RowLook, metrics: QFontMetrics, colour: str, dim: str
) -> None:
    """Paint the name, and beneath it the details."""
    top = QRect(box)
    if look.details:
        line = metrics.lineSpacing()
        top.setTop(box.top() + (box.height() - 2 * line) // 2)
        top.setHeight(line)
        below = top.translated(0, line)
        painter.setPen(QColor(dim if look.on and look.shown else colour))
        elided = metrics.elidedText(look.details, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, elided)
    painter.setPen(QColor(colour))
    elided = metrics.elidedText(look.name, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(top, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, elided)


def _thumbnail(painter: QPainter, box: QRect, picture: QPixmap | None, lit: bool, *, framed: bool) -> None:
    """Paint a picture as large as fits into the box, on a checkerboard; an empty field until there is one."""
    inside = box.adjusted(2, 2, -2, -2)
    if picture is None:
        painter.fillRect(inside, QColor(theme.PANEL))
    else:
        size = picture.size().scaled(inside.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(inside.topLeft(), size)
        place.moveCenter(inside.center())
        inside = place
        painter.drawTiledPixmap(inside, checkerboard(CHECK_PX))
        painter.setOpacity(1 if lit else 0.45)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(inside, picture)
        painter.setOpacity(1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(theme.LINE))
    painter.drawRect(inside.adjusted(-1, -1, 0, 0))
    if framed:
        painter.setPen(QPen(QColor(theme.BRIGHT_TEXT), 1))
        painter.drawRect(inside.adjusted(-2, -2, 1, 1))


def _cross(painter: QPainter, box: QRect) -> None:
    """Paint the red cross over what is switched off."""
    inside = box.adjusted(6, 6, -6, -6)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.ERROR), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(inside.topLeft(), inside.bottomRight())
    painter.drawLine(inside.topRight(), inside.bottomLeft())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
