"""A picture that is read on a worker thread, and its thumbnail."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from retexture.errors import InputError
from retexture.files.colour import convert
from retexture.files.images import Image, as_depth
from retexture.gui.workspace import Workspace
from retexture.render.render import Cancelled
from retexture.session import opening
from retexture.session.jobs import Job

THUMBNAIL = QSize(352, 240)
WAIT_S = 0.05
"""How soon a waiting job notices that it was cancelled."""


def make_thumbnail(image: Image, width: int, height: int) -> QImage:
    """Return a picture in sRGB, no larger than a size in px; for a worker thread."""
    step = max(1, min(image.width // (2 * width), image.height // (2 * height)))
    few = np.ascontiguousarray(image.colour[:, ::step, ::step])
    planes = as_depth(convert(few, image.icc, None), 8)
    scale = min(width / planes.shape[2], height / planes.shape[1], 1)
    size = max(1, round(planes.shape[2] * scale)), max(1, round(planes.shape[1] * scale))
    small = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes]
    rgb = np.ascontiguousarray(np.dstack(small if len(small) == 3 else small * 3))
    return QImage(rgb.data, size[0], size[1], 3 * size[0], QImage.Format.Format_RGB888).copy()


class Reading:
    """A picture that is being read on a worker thread."""

    def __init__(self, workspace: Workspace, path: Path, finished: Callable[[], None] | None = None) -> None:
        """Begin to read. `finished` is called on the window's thread when that ends, well or not, with a thumbnail."""
        self.path = path
        self.finished = finished
        self.image: Image | None = None
        self.thumbnail: QImage | None = None
        self.problem: InputError | None = None
        self._result: Future[Image] = Future()
        self._job = workspace.jobs.submit(self._read, self._done, failed=self._failed)

    def drop(self) -> None:
        """Give the picture up."""
        self.finished = None
        self._job.cancel()

    def wait(self, job: Job[Any]) -> Image:
        """Return the picture when it is read; for another worker thread, whose job may be cancelled meanwhile.

        Raises:
            Cancelled: the job is no longer wanted.
            InputError: as of `read_image`.
        """
        while True:
            with suppress(TimeoutError):
                return self._result.result(WAIT_S)
            if job.cancelled():
                raise Cancelled

    def _read(self, job: "Job[tuple[Image, QImage | None]]") -> tuple[Image, QImage | None]:
        try:
            image = opening.read_pictures([self.path])[0]
        except BaseException as error:
            self._result.set_exception(error)
            raise
        self._result.set_result(image)
        shown = self.finished is not None
        return image, make_thumbnail(image, THUMBNAIL.width(), THUMBNAIL.height()) if shown else None

    def _done(self, found: tuple[Image, QImage | None]) -> None:
        self.image, self.thumbnail = found
        if self.finished is not None:
            self.finished()

    def _failed(self, problem: InputError) -> None:
        self.problem = problem
        if self.finished is not None:
            self.finished()
