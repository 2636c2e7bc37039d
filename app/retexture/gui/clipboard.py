"""Copy and paste: layers and selected pixels between documents, pictures from other programs."""

import secrets

import cv2
import msgspec
import numpy as np
from PySide6.QtCore import QCoreApplication, QMimeData, QObject, Qt
from PySide6.QtGui import QColorSpace, QGuiApplication, QImage

from retexture.document.document import Document, Source
from retexture.document.layers import AnyLayer, PixelLayer
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.gui.picture_painting import image_of
from retexture.gui.workspace import Workspace
from retexture.session.clipboard import (
    Clip,
    Pasted,
    copied_layer,
    copied_pixels,
    needs_conversion,
    pasted,
    reads_others,
    shared_picture,
)
from retexture.session.jobs import Job
from retexture.session.session import Session
from retexture.session.transform_box import fitted

OWN_FORMAT = "application/x-retexture-layer"
"""The sign that the system's clipboard holds what was copied here."""

ROOM = 2
"""A picture of another program with sides of so many times the document's, and more, is made smaller first."""

LANE = "clipboard"


class Clipboard(QObject):
    """What was copied last, here or in another program."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self._clip: Clip | None = None
        self._token = b""
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._give_back)

    def _give_back(self) -> None:
        # What PySide put on the clipboard must not outlive Python: the process would crash at its end.
        if self._is_ours(_held()):
            QGuiApplication.clipboard().clear()

    # -- copying

    def copy(self, session: Session) -> None:
        """Copy what is selected of the active layer, without a selection the layer with all that it has.

        Raises:
            ValueError: no layer is active.
        """
        document, layer = _at_rest(session, "to copy")
        if document.selection is None and not reads_others(layer):
            self._take(copied_layer(document, layer.key))
            self.workspace.message.emit(f"Copied {layer.name}")
            return
        self._copy_pixels(document, layer.key)

    def copy_merged(self, session: Session) -> None:
        """Copy what is selected of the picture as it is seen."""
        session.finish_gesture()
        self._copy_pixels(session.document, None)

    def _copy_pixels(self, document: Document, key: str | None) -> None:
        cache = self.workspace.passing

        def work(job: Job[Clip | ValueError]) -> Clip | ValueError:
            try:
                return copied_pixels(document, key, cache=cache, cancelled=job.cancelled)
            except ValueError as error:
                return error

        def done(made: Clip | ValueError) -> None:
            if isinstance(made, ValueError):
                self.workspace.tell_problem(made)
                return
            self._take(made)
            self.workspace.message.emit(f"Copied the pixels of {made.layer.name}")

        self.workspace.jobs.submit(work, done, lane=LANE, title="Copying")

    def _take(self, clip: Clip) -> None:
        self._clip, self._token = clip, secrets.token_bytes(8)
        self._offer(clip, None)
        cache = self.workspace.passing

        def work(job: Job[QImage | None]) -> QImage | None:
            try:
                return image_of(shared_picture(clip, cache=cache, cancelled=job.cancelled)).copy()
            except (InputError, ValueError):
                return None  # an adjustment layer, say: nothing that another program could show

        def done(image: QImage | None) -> None:
            # Meanwhile something may have been copied in another program.
            if image is not None and self._is_ours(_held()):
                self._offer(clip, image)

        self.workspace.jobs.submit(work, done, lane=f"{LANE} picture")

    def _offer(self, clip: Clip, image: QImage | None) -> None:
        """Put what was copied on the system's clipboard: for us a sign, for other programs a picture."""
        if clip is self._clip:
            data = QMimeData()
            data.setData(OWN_FORMAT, self._token)
            if image is not None:
                data.setImageData(image)
            QGuiApplication.clipboard().setMimeData(data)

    def _is_ours(self, data: QMimeData) -> bool:
        return self._clip is not None and bytes(data.data(OWN_FORMAT).data()) == self._token

    # -- pasting

    def paste(self, session: Session) -> None:
        """Add what was copied last as a layer above the active one: where it was, or in the middle.

        Raises:
            ValueError: nothing was copied.
        """
        session.finish_gesture()
        data = _held()
        if not self._is_ours(data) and data.hasImage():
            image = QGuiApplication.clipboard().image()
            if not image.isNull():
                clip, told = picture_clip(image, session.document)
                self._add(session, clip, "Paste", told)
                return
        if self._clip is None:
            raise ValueError(
                "There is nothing to paste: copy a layer, or a picture in another program, first"
            )
        self._add(session, self._clip, "Paste", None)

    def duplicated(self, session: Session) -> Clip:
        """Return the active layer, for another document.

        Raises:
            ValueError: no layer is active, or it is made of others too.
        """
        document, layer = _at_rest(session, "to duplicate")
        if reads_others(layer):
            raise ValueError(
                f"{layer.name} is made of other layers too: copy its pixels with Select All and Copy, and paste them"
            )
        return copied_layer(document, layer.key)

    def put_into(self, target: Session, clip: Clip) -> None:
        """Bring a document to the front, and add to it what was duplicated."""
        self.workspace.activate(target)
        self._add(target, clip, f"Duplicate {clip.layer.name}", None)

    def copy_selected(self, session: Session) -> None:
        """Put what is selected of the active layer into a new layer above it.

        Raises:
            ValueError: no layer is active.
        """
        document, layer = _at_rest(session, "to copy from")
        cache = self.workspace.passing

        def work(job: Job[Pasted | ValueError]) -> Pasted | ValueError:
            try:
                clip = copied_pixels(document, layer.key, cache=cache, cancelled=job.cancelled)
            except ValueError as error:
                return error
            # As Photoshop does, it blends as the layer that it comes from.
            pixels = msgspec.structs.replace(
                clip.layer,
                blend_mode=layer.blend_mode,
                opacity=layer.opacity,
                fill=layer.fill,
                clipped=layer.clipped,
            )
            blending = Clip(msgspec.structs.replace(clip.document, layers=(pixels,)))
            return pasted(document, blending, layer.key, name=f"{layer.name} copy")

        self._submit(session, document, work, "Layer via Copy", None, lambda: self.copy_selected(session))

    def _add(self, session: Session, clip: Clip, label: str, told: str | None) -> None:
        document, above = session.document, session.active
        if not needs_conversion(clip, document):
            self._done(session, pasted(document, clip, above), label, told)
            return

        def work(_job: Job[Pasted | ValueError]) -> Pasted | ValueError:
            try:
                return pasted(document, clip, above)
            except ValueError as error:
                return error

        self._submit(session, document, work, label, told, lambda: self._add(session, clip, label, told))

    def _submit(
        self, session: Session, document: Document, work: object, label: str, told: str | None, again: object
    ) -> None:
        def take(made: Pasted | ValueError) -> None:
            if session not in self.workspace.sessions:
                return
            if isinstance(made, ValueError):
                self.workspace.tell_problem(made)
            elif session.document is document:
                self._done(session, made, label, told)
            else:  # it was edited meanwhile
                again()  # type: ignore[operator]

        self.workspace.jobs.submit(
            work,  # type: ignore[arg-type]
            lambda made: session.soon(lambda: take(made)),
            title=label,
            failed=self.workspace.tell_problem,
        )

    def _done(self, session: Session, made: Pasted, label: str, told: str | None) -> None:
        session.edit(label, lambda _: made.document, select=made.key)
        note = told or made.note
        if note is not None:
            self.workspace.message.emit(note)


def _at_rest(session: Session, purpose: str) -> tuple[Document, AnyLayer]:
    """Return the document after any gesture, and its active layer."""
    session.finish_gesture()
    layer = session.active_layer
    if layer is None:
        raise ValueError(f"Select a layer {purpose}")
    return session.document, layer


def _held() -> QMimeData:
    """Return what the system's clipboard holds."""
    found: QMimeData | None = QGuiApplication.clipboard().mimeData()
    return QMimeData() if found is None else found


def picture_clip(image: QImage, document: Document) -> tuple[Clip, str | None]:
    """Return a picture of another program as what was copied, and what the user should know.

    One that is far larger than the document is made smaller, so that it takes no more memory than it can show.
    """
    told = None
    size = (image.width(), image.height())
    canvas = (document.width_px, document.height_px)
    if size[0] > ROOM * canvas[0] or size[1] > ROOM * canvas[1]:
        scale = fitted(size, canvas)
        width, height = (max(round(v * scale), 1) for v in size)
        image = image.scaled(
            width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        told = f"The picture of {size[0]} x {size[1]} px was larger than the document: it was made smaller to fit"
    if image.colorSpace().isValid():
        image = image.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    image = image.convertToFormat(QImage.Format.Format_RGBA64)
    width, height = image.width(), image.height()
    rows = np.frombuffer(image.constBits(), np.uint16).reshape(height, image.bytesPerLine() // 2)
    planes = [np.ascontiguousarray(p) for p in cv2.split(rows[:, : 4 * width].reshape(height, width, 4))]
    opaque = bool((planes[3] == 65535).all())
    source = Source(
        key="pasted",
        name="Pasted",
        colour=Pixels(np.stack(planes[:3])),
        alpha=None if opaque else Pixels(planes[3]),
    )
    layer = PixelLayer(key="pasted", name="Pasted", source="pasted")
    return Clip(Document(width_px=width, height_px=height, layers=(layer,), sources=(source,))), told
