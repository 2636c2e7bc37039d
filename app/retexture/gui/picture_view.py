"""The picture in its window: one view of it, or two beside each other or on either side of a line."""

import math
from weakref import WeakKeyDictionary

import msgspec
from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QColorTransform, QImage, QPainter, QPaintEvent, QResizeEvent, QTransform
from PySide6.QtWidgets import QWidget

from retexture.document.changes import Rect
from retexture.document.document import Document
from retexture.gui import theme
from retexture.gui.panes import Pane, pane_rects
from retexture.gui.picture_painting import checkerboard, image_of, paint_grid, paint_label, paint_wipe
from retexture.gui.screen_frame import ScreenFrame, in_screen_colours
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.workspace import Workspace
from retexture.render.region import Region
from retexture.session import pictures
from retexture.session.drawing import BGRA
from retexture.session.look import Look
from retexture.session.session import Session, Update
from retexture.session.view import Point, Size, View
from retexture.session.viewport import Viewport

PIXEL_GRID_ZOOM = 8.0
LABEL_PX = 12

LIGHT = frozenset({"name", "lock", "visibility", "blending", "mask"})
"""Aspects whose change leaves what filters made as it is."""


class PictureView(QWidget):
    """Shows the document in front and follows its changes."""

    view_changed = Signal(object, object)
    """(View, Size) of a pane in device pixels."""
    look_changed = Signal()

    def __init__(self, workspace: Workspace, screen: ScreenProfile) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.workspace = workspace
        self.screen_profile = screen
        self.look = Look()
        self.surround = QColor(theme.CANVAS)
        self._looks = WeakKeyDictionary[Session, Look]()
        self._viewports = [self._viewport(0), self._viewport(1)]
        self._frames = [ScreenFrame(viewport) for viewport in self._viewports]
        self._transform: QColorTransform | None = None
        self._holding = False
        self._quick_mask = False
        self._checks = checkerboard()
        workspace.session_changed.connect(self._take_session)
        workspace.updated.connect(self._follow)
        screen.changed.connect(self._take_profile)

    def _viewport(self, index: int) -> Viewport:
        return Viewport(
            self.workspace.jobs,
            self.workspace.cache,
            self.workspace.passing,
            lambda region: self._repaint(index, region),
            self.workspace.later,
        )

    # -- what there is

    @property
    def session(self) -> Session | None:
        """The document in front."""
        return self.workspace.session

    @property
    def view(self) -> View:
        """How the picture lies in each pane."""
        return self.look.view or View()

    @property
    def settled(self) -> bool:
        """Whether the exact picture is shown."""
        return self.session is None or all(pane.viewport.settled for pane in self.panes())

    @property
    def holds_before(self) -> bool:
        """Whether the picture before is shown for as long as a key is held."""
        return self._holding

    def device_size(self) -> Size:
        """Return the widget's size in device pixels."""
        ratio = self.devicePixelRatioF()
        return Size(round(self.width() * ratio), round(self.height() * ratio))

    def pane_size(self) -> Size:
        """Return the size of each pane in device pixels."""
        rect = pane_rects(self.look.mode, self.device_size())[0]
        return Size(rect.width(), rect.height())

    def panes(self) -> list[Pane]:
        """Return what is shown now, the one before first."""
        rects = pane_rects(self.look.mode, self.device_size())
        if len(rects) == 1:
            return [
                Pane(rects[0], self._viewports[1], self.look.before if self._holding else self.look.after)
            ]
        names = (self.look.before, self.look.after)
        return [Pane(*each) for each in zip(rects, self._viewports, names, strict=True)]

    def displayed(self, pane: int = -1) -> Document | None:
        """Return the document that a pane shows, with what lies over it; None without one."""
        return (
            None
            if self.session is None
            else self.look.picture(self.session, self.panes()[pane].name).document
        )

    # -- documents

    def _take_session(self, session: Session | None) -> None:
        for viewport in self._viewports:
            viewport.clear()
        self._holding = False
        self._quick_mask = session is not None and session.quick_mask
        self.setEnabled(session is not None)
        self.look = Look()
        if session is not None:
            self._take_profile()
            self.look = self._looks.get(session) or Look(before=pictures.default_before(session))
            if self.look.view is None:
                self.fit()
            else:
                self.show_all()
                self.view_changed.emit(self.view, self.pane_size())
            if self.look.fitted:
                self.fit()
        self.update()
        self.look_changed.emit()

    def _follow(self, update: Update) -> None:
        assert self.session is not None
        changed = update.changes
        look = self.look.settled(self.session)
        if look != self.look or changed.canvas or changed.profile:
            self._set(look)
            self._take_profile()
            self.show_all()
            self.look_changed.emit()
            return
        if self.session.quick_mask != self._quick_mask:
            self._quick_mask = self.session.quick_mask
            self.show_all(light=True)
            return
        if not update.live:
            self._show_others()
        if self._quick_mask and changed.selection and changed.region is None and not changed.changed:
            self._show_result(changed.selected, light=True, moving=update.live)
            return
        if changed.region is None and not changed.changed and not (update.selection and look.rubylith):
            return
        aspects = frozenset[str]().union(*changed.changed.values())
        light = not changed.structure and aspects <= LIGHT
        region = changed.region
        if not look.plain or (self._quick_mask and changed.selection):
            # What lies over the result may change elsewhere than the result: all but strokes redraw everything.
            region = region if aspects == {"mask"} and not update.history else None
        elif region is None:
            return
        self._show_result(region, light=light, moving=update.live)

    def _show_result(self, region: Rect | None, *, light: bool, moving: bool) -> None:
        """Draw a region of the result anew, or all of it."""
        assert self.session is not None
        for pane in self.panes():
            if pane.name == pictures.RESULT:
                picture = self.look.picture(self.session, pane.name)
                pane.viewport.show(picture, region, light=light, moving=moving)

    def _show_others(self) -> None:
        """Draw the pictures beside the result where they have become others: a snapshot went, a source was replaced."""
        assert self.session is not None
        for pane in self.panes():
            if pane.name != pictures.RESULT:
                picture = self.look.picture(self.session, pane.name)
                if picture != pane.viewport.picture:
                    pane.viewport.show(picture)

    def show_all(self, *, light: bool = False) -> None:
        """Draw everything that is shown anew."""
        if self.session is None:
            return
        size = self.pane_size()
        for pane in self.panes():
            pane.viewport.aim(self.view, size)
            pane.viewport.show(self.look.picture(self.session, pane.name), light=light)
        self.update()

    # -- what is shown

    def set_look(self, **changes: object) -> None:
        """Change what is shown: fields of `Look` but its view."""
        if self.session is None:
            return
        look = msgspec.structs.replace(self.look, **changes).settled(self.session)
        if look != self.look:
            refit = look.fitted and look.mode != self.look.mode
            self._set(look)
            self.show_all(light=look.filter is None and look.hidden_of is None)
            if refit:
                self.fit()
            self.view_changed.emit(self.view, self.pane_size())
            self.look_changed.emit()

    def hold_before(self, held: bool) -> None:
        """Show the picture before, for as long as it is held."""
        if self.session is not None and held != self._holding and self.look.mode == "single":
            self._holding = held
            self.show_all(light=True)

    def _set(self, look: Look) -> None:
        self.look = look
        if self.session is not None:
            self._looks[self.session] = look

    # -- view

    def move_wipe(self, x: float) -> None:
        """Put the split line at a place of the window in device pixels."""
        part = min(max(x / max(self.device_size().width, 1), 0.0), 1.0)
        self._set(msgspec.structs.replace(self.look, wipe=part))
        self.update()

    def set_view(self, view: View) -> None:
        """Show another part of the picture."""
        if self.session is None:
            return
        document = self.session.document
        view = view.kept_inside(Size(document.width_px, document.height_px))
        if view != self.look.view:
            self._set(msgspec.structs.replace(self.look, view=view, fitted=False))
            self._look_again()

    def _look_again(self) -> None:
        assert self.session is not None
        size = self.pane_size()
        for pane in self.panes():
            if pane.viewport.picture is None:
                pane.viewport.aim(self.view, size)
                pane.viewport.show(self.look.picture(self.session, pane.name))
            else:
                pane.viewport.look(self.view, size)
        self.update()
        self.view_changed.emit(self.view, size)

    def fit(self) -> None:
        """Show all of the picture."""
        if self.session is not None:
            document = self.session.document
            picture = Size(document.width_px, document.height_px)
            self.set_view(self.view.fitting(picture, self.pane_size()))
            self._set(msgspec.structs.replace(self.look, fitted=True))

    def zoom_to(self, zoom: float, at: Point | None = None) -> None:
        """Zoom about a point of the pane in device pixels, by default its middle."""
        size = self.pane_size()
        self.set_view(self.view.zoomed(zoom, at or Point(size.width / 2, size.height / 2), size))

    def zoom_step(self, direction: int) -> None:
        """Zoom to the next usual zoom, in (1) or out (-1)."""
        self.zoom_to(self.view.next_stop(direction))

    def flip_view(self) -> None:
        """Mirror the view."""
        self.set_view(msgspec.structs.replace(self.view, flipped=not self.view.flipped))

    def reset_view(self) -> None:
        """Show all of the picture, upright."""
        self._set(msgspec.structs.replace(self.look, view=View()))
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.session is not None:
            if self.look.fitted:
                self.fit()
            self._look_again()

    # -- where things are

    def pane_at(self, x: float, y: float) -> Pane:
        """Return the pane under a point in device pixels; the last one where there is none."""
        panes = self.panes()
        for pane in panes:
            if pane.rect.contains(int(x), int(y)) and (self.look.mode != "wipe" or x < self.wipe_x):
                return pane
        return panes[-1]

    def point_in_pane(self, x: float, y: float) -> Point:
        """Return a point of the window, in device pixels, from the corner of the pane that it lies in."""
        rect = self.pane_at(x, y).rect
        return Point(x - rect.x(), y - rect.y())

    def picture_point(self, x: float, y: float) -> Point:
        """Return what of the picture lies under a point of the window in device pixels."""
        return self.view.to_picture(self.point_in_pane(x, y), self.pane_size())

    def visible_region(self) -> Region:
        """Return the part of the document that the result's pane shows."""
        viewport = self.panes()[-1].viewport
        assert viewport.picture is not None
        document, k = viewport.picture.document, 1 / viewport.scale
        x, y, width, height = viewport.region
        left, top = math.floor(x * k), math.floor(y * k)
        shown = Region(left, top, math.ceil((x + width) * k) - left, math.ceil((y + height) * k) - top)
        return shown.within(Region(0, 0, document.width_px, document.height_px))

    @property
    def wipe_x(self) -> float:
        """Where the split line lies, in device pixels."""
        return self.look.wipe * self.device_size().width

    def _target(self, pane: Pane, region: Region) -> QRectF:
        """Return where a region of the scaled picture lies in the window, before it is turned, in device pixels."""
        origin = self.view.origin(self.pane_size())
        k = self.view.zoom / pane.viewport.scale
        x, y = pane.rect.x() + origin.x + region.x * k, pane.rect.y() + origin.y + region.y * k
        return QRectF(x, y, region.width * k, region.height * k)

    def turn(self, pane: Pane) -> QTransform:
        """Return how the view turns and flips a pane, in device pixels of the window."""
        x, y = pane.rect.x() + pane.rect.width() / 2, pane.rect.y() + pane.rect.height() / 2
        transform = QTransform()
        transform.translate(x, y)
        transform.rotate(self.view.angle_deg)
        if self.view.flipped:
            transform.scale(-1, 1)
        transform.translate(-x, -y)
        return transform

    # -- colours

    def _take_profile(self) -> None:
        session = self.session
        self._transform = None if session is None else self.screen_profile.transform(session.document)
        for frame in self._frames:
            frame.take(self._transform)
        self.update()

    # -- painting

    def paint_part(self, painter: QPainter, pane: Pane, region: Region, pixels: BGRA) -> None:
        """Draw pixels of a region of the scaled picture where a pane shows it, in the screen's colours."""
        image = in_screen_colours(image_of(pixels), self._transform)
        painter.save()
        if not self.view.upright:
            painter.setTransform(self.turn(pane), combine=True)
        painter.drawImage(self._target(pane, region), image)
        painter.restore()

    def _repaint(self, index: int, region: Region | None) -> None:
        self._frames[index].change(region)
        if region is None:
            self.update()
            return
        pane = next((p for p in self.panes() if p.viewport is self._viewports[index]), None)
        if pane is None or not self.view.upright:
            self.update()
            return
        target, ratio = self._target(pane, region), self.devicePixelRatioF()
        area = QRectF(target.topLeft() / ratio, target.size() / ratio)
        self.update(area.toAlignedRect().adjusted(-1, -1, 1, 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.surround)
        if self.session is not None:
            ratio = self.devicePixelRatioF()
            painter.scale(1 / ratio, 1 / ratio)
            for pane in self.panes():
                painter.save()
                painter.setClipRect(self.visible_part(pane), Qt.ClipOperation.IntersectClip)
                self._paint_pane(painter, pane)
                painter.restore()
            if self.look.mode == "wipe":
                paint_wipe(painter, self.wipe_x, self.device_size().height)
            self.paint_over(painter)
        painter.end()

    def paint_over(self, painter: QPainter) -> None:
        """Draw over the pictures, in device pixels."""

    def visible_part(self, pane: Pane) -> QRect:
        """Return the part of the window, in device pixels, in which a pane is to be seen."""
        rect = QRect(pane.rect)
        if self.look.mode == "wipe":
            x = round(self.wipe_x)
            if pane.viewport is self._viewports[0]:
                rect.setRight(x - 1)
            else:
                rect.setLeft(x)
        return rect

    def _paint_pane(self, painter: QPainter, pane: Pane) -> None:
        viewport = pane.viewport
        if viewport.picture is None or viewport.frame.size == 0:
            return
        painter.save()
        if not self.view.upright:
            painter.setTransform(self.turn(pane), combine=True)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.view.angle_deg % 90 != 0)
        target = self._target(pane, viewport.region)
        image = self._frames[self._viewports.index(viewport)].image()
        if image.format() != QImage.Format.Format_RGB32:
            painter.drawTiledPixmap(target, self._checks)
        if viewport.scale == self.view.zoom and self.view.upright:
            painter.drawImage(target.topLeft(), image)
        else:
            painter.drawImage(target, image)
        if self.view.zoom >= PIXEL_GRID_ZOOM:
            paint_grid(painter, target, self.view.zoom)
        painter.restore()
        if len(self.panes()) > 1 or self._holding:
            font = self.font()
            font.setPixelSize(round(LABEL_PX * self.devicePixelRatioF()))
            right = self.look.mode == "wipe" and pane.viewport is self._viewports[1]
            paint_label(painter, pictures.label(pane.name), self.visible_part(pane), font, right=right)
