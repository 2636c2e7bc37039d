"""A viewport's frame as an image in the screen's colours."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColorTransform, QImage, QPainter

from retexture.gui.picture_painting import image_of
from retexture.render.region import Region
from retexture.render.render import is_opaque
from retexture.session.viewport import Viewport


class ScreenFrame:
    """The frame of a viewport. It is converted once, and anew only where it changes."""

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self._transform: QColorTransform | None = None
        self._converted: QImage | None = None

    def take(self, transform: QColorTransform | None) -> None:
        """Convert by a transform from here on; None: the document's colours are the screen's."""
        self._transform, self._converted = transform, None

    def image(self) -> QImage:
        """Return the frame as the screen shows it; without a transform over the memory of the viewport's."""
        if self._transform is None:
            return self._frame()
        if self._converted is None:
            self._converted = in_screen_colours(self._frame(), self._transform)
        return self._converted

    def change(self, region: Region | None) -> None:
        """Convert a region, in pixels of the scaled picture, that has changed; None: all of the frame is another."""
        image, frame = self._converted, self._viewport.region
        if image is None or self._transform is None:
            return
        if region is None or image.size() != QSize(frame.width, frame.height):
            self._converted = None
            return
        x, y = region.x - frame.x, region.y - frame.y
        part = self._frame().copy(x, y, region.width, region.height)
        part.applyColorTransform(self._transform)
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(x, y, part)
        painter.end()

    def _frame(self) -> QImage:
        picture = self._viewport.picture
        return image_of(self._viewport.frame, picture is not None and is_opaque(picture.document))


def in_screen_colours(image: QImage, transform: QColorTransform | None) -> QImage:
    """Return a converted copy of an image, or without a transform the image itself."""
    if transform is not None:
        image = image.copy()
        image.applyColorTransform(transform)
    return image
