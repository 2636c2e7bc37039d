"""The part of a picture that a window shows, as pixels for the screen: kept up to date with the least work.

A frame holds the visible part of the picture at the scale of the view (at 100 % where the view is larger). It is
filled from preview levels while things move, and from the full-size picture when they rest.
"""

import functools
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np

from retexture.document.changes import Rect
from retexture.errors import InputError
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import Cancelled
from retexture.session.drawing import (
    BGRA,
    Picture,
    draw,
    draw_coarse,
    places,
    scaled_region,
    scaled_size,
)
from retexture.session.jobs import Job, Jobs
from retexture.session.memory import give_back_memory
from retexture.session.view import Point, Size, View

REST_MS = 120
"""How long nothing must have changed before the exact picture is rendered."""
PATIENCE_S = 0.025
"""How long the window's thread may render by itself before the work goes to another thread."""
MOST_PARTS = 6
"""From here on, what is missing is drawn in one piece."""
KEPT_FRAMES = 4
"""Exact frames that are remembered: undo, tabs and overlays come back to them."""
DRAFT_S = 0.02
"""How long a draft of what is being transformed may take: longer, and the next one is drawn at half the scale."""
COARSEST = 4
"""No draft is drawn at less than one part in so many of the scale."""


class _Exact(NamedTuple):
    """A frame that shows the exact picture."""

    picture: Picture
    scale: float
    region: Region
    frame: BGRA


class Viewport:
    """One picture in one window. Belongs to the window's thread.

    Args:
        jobs: runs what takes long.
        cache: blocks of renders, shared by all viewports.
        passing: blocks of exact pictures, which would only push what is needed again out of `cache`.
        repaint: called with the changed region of the frame, or None for all of it.
        later: calls a function after milliseconds on the window's thread; returns what cancels that.
    """

    def __init__(
        self,
        jobs: Jobs,
        cache: Cache,
        passing: Cache,
        repaint: Callable[[Region | None], None],
        later: Callable[[int, Callable[[], None]], Callable[[], None]],
    ) -> None:
        self.view = View()
        self.window = Size(1, 1)
        self.picture: Picture | None = None
        self.scale = 1.0
        self.region = Region(0, 0, 0, 0)
        """The part of the scaled picture that the frame holds."""
        self.frame: BGRA = np.zeros((0, 0, 4), np.uint8)
        self._jobs = jobs
        self._cache = cache
        self._passing = passing
        self._repaint = repaint
        self._later = later
        self._lane = f"view {id(self)}"
        self._missing: list[Region] = []
        """Where the frame does not show the picture yet."""
        self._running: object = None
        """Stands for the job that fills the frame."""
        self._refining: object = None
        """Stands for the job that makes it exact."""
        self._moving = False
        self._placing = False
        """A layer is under the hand, moved or transformed: it is drafted."""
        self._coarse = 1
        """What drafts are drawn at a fraction of the scale, one part of it."""
        self._kept: deque[_Exact] = deque(maxlen=KEPT_FRAMES)
        self._rough: Region | None = None
        """Where the frame shows a preview level."""
        self._cancel_rest: Callable[[], None] | None = None

    # -- what is asked of it

    @property
    def complete(self) -> bool:
        """Whether all of the frame shows the picture, be it from a preview level."""
        return not self._missing

    @property
    def settled(self) -> bool:
        """Whether the frame shows the exact picture."""
        return not self._missing and self._rough is None

    def show(
        self, picture: Picture, changed: Rect | None = None, *, light: bool = False, moving: bool = False
    ) -> None:
        """Show a picture.

        Args:
            picture: it.
            changed: where it differs from the one before, in picture pixels; None is everywhere.
            light: only blending, masks or visibility differ: what filters made is still there.
            moving: more will follow at once, as a slider is dragged.
        """
        before, self.picture = self.picture, picture
        self._placing = moving and before is not None and places(before.document) != places(picture.document)
        if self._place():
            changed, self._missing, self._rough = None, [], None
            self._rest_no_more()
        if self.frame.size == 0 or (not moving and self._recall()):
            return
        region = self.region if changed is None else scaled_region(picture.document, changed, self.scale)
        if self._running is not None and not moving and before is not picture:
            self._running = None
            self._jobs.cancel(self._lane)
        self._update(region.within(self.region), light, moving)

    def aim(self, view: View, window: Size) -> None:
        """Note what part of the picture the next `show` will show."""
        self.view, self.window = view, window

    def clear(self) -> None:
        """Show nothing."""
        self.close()
        self._kept.clear()
        self.picture = self._rough = None
        self._missing = []
        self.region, self.frame = Region(0, 0, 0, 0), np.zeros((0, 0, 4), np.uint8)

    def look(self, view: View, window: Size) -> None:
        """Show another part of the picture, or the same at another scale."""
        if (view, window) == (self.view, self.window):
            return
        self.view, self.window = view, window
        if self.picture is None:
            return
        before = (self.scale, self.region, self.frame)
        if self._place():
            self._reuse(*before)
        self._repaint(None)

    def close(self) -> None:
        """Give up what is under way."""
        self._running = None
        self._jobs.cancel(self._lane)
        self._rest_no_more()

    # -- placing the frame

    def _place(self) -> bool:
        """Make the frame cover what the window shows; return whether it is another one."""
        assert self.picture is not None
        document = self.picture.document
        scale = min(self.view.zoom, 1.0)
        corners = [
            self.view.to_picture(Point(x, y), self.window)
            for x in (0, self.window.width)
            for y in (0, self.window.height)
        ]
        width, height = scaled_size(document, scale)
        fx, fy = width / document.width_px, height / document.height_px
        x = math.floor(min(p.x for p in corners) * fx)
        y = math.floor(min(p.y for p in corners) * fy)
        right = math.ceil(max(p.x for p in corners) * fx)
        bottom = math.ceil(max(p.y for p in corners) * fy)
        region = Region(x, y, right - x, bottom - y).within(Region(0, 0, width, height))
        if (scale, region) == (self.scale, self.region):
            return False
        self.scale, self.region = scale, region
        self.frame = np.zeros((region.height, region.width, 4), np.uint8)
        return True

    def _reuse(self, scale: float, region: Region, frame: BGRA) -> None:
        """Take over from the frame before what it has; render the rest."""
        missing, rough = self._missing, self._rough
        self._missing, self._rough = [], None
        self._rest_no_more()
        if self.frame.size == 0 or self._recall():
            return
        kept = self.region.within(region)
        if scale == self.scale and kept.width and kept.height:
            rows, columns = kept.slices(self.region)
            old_rows, old_columns = kept.slices(region)
            self.frame[rows, columns] = frame[old_rows, old_columns]
            self._missing = [part for each in missing if (part := _inside(each, self.region))]
            self._rough = _inside(rough, self.region)
            self._missing += _around(kept, self.region)
            self._update(Region(0, 0, 0, 0), light=True, moving=False)
        else:
            self._stretch(scale, region, frame)
            self._update(self.region, light=False, moving=False)

    def _stretch(self, scale: float, region: Region, frame: BGRA) -> None:
        """Fill the frame with the old one at its new size, until the new pixels are there."""
        if frame.size == 0:
            return
        ratio = scale / self.scale
        x = (self.region.x + 0.5) * ratio - region.x - 0.5
        y = (self.region.y + 0.5) * ratio - region.y - 0.5
        cv2.warpAffine(
            frame,
            np.array([[ratio, 0, x], [0, ratio, y]], np.float32),
            (self.region.width, self.region.height),
            dst=self.frame,
            flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        )

    # -- filling the frame

    def _update(self, region: Region, light: bool, moving: bool) -> None:
        if region.width and region.height:
            self._missing = [r for r in self._missing if r.within(region) != r]
            self._missing.append(region)
        if len(self._missing) > MOST_PARTS:
            self._missing = [functools.reduce(_united, self._missing)]
        self._moving = moving
        if not self._missing:
            self._rest()
            return
        self._rest_no_more()
        if light and self._draw_now():
            return
        # A job under way is not given up for a newer wish: while things move, its late result is better than none.
        if self._running is None:
            self._start()

    def _draw_now(self) -> bool:
        """Render what is missing at once; False where that would take long."""
        deadline = time.perf_counter() + PATIENCE_S
        picture = self.picture
        assert picture is not None
        drawn = []
        try:
            for region in self._missing:
                pixels = draw(
                    picture,
                    self.scale,
                    region,
                    exact=False,
                    cache=self._cache,
                    cached_only=True,
                    cancelled=lambda: time.perf_counter() > deadline,
                )
                drawn.append((region, pixels))
        except (Cancelled, InputError):  # a job will meet the second again, and tell
            return False
        self._running = None
        self._jobs.cancel(self._lane)
        self._missing = []
        self._put(drawn, rough=self.scale < 1)
        return True

    def _start(self) -> None:
        """Render what is missing on another thread."""
        picture, scale, wanted, moving = self.picture, self.scale, tuple(self._missing), self._moving
        assert picture is not None
        this = self._running = object()
        outcome: list[bool] = []
        drafts = moving and self._placing
        factor = self._coarse if drafts else 1
        took_s = 0.0

        def work(job: Job[list[tuple[Region, BGRA]]]) -> list[tuple[Region, BGRA]]:
            nonlocal took_s
            began = time.perf_counter()
            options: dict[str, Any] = {"cache": self._cache, "direct": moving, "cancelled": job.cancelled}
            if drafts:
                options["draft"] = True
            drawn = [(region, draw_coarse(picture, scale, region, factor, **options)) for region in wanted]
            took_s = time.perf_counter() - began
            return drawn

        def done(drawn: list[tuple[Region, BGRA]]) -> None:
            outcome.append(True)
            if drafts:
                fine_s = took_s * factor**2
                self._coarse = 1 if fine_s < DRAFT_S else 2 if fine_s < 4 * DRAFT_S else COARSEST
            if self._running is not this or scale != self.scale:
                return
            if picture == self.picture:
                self._missing = [m for m in self._missing if all(m.within(w) != m for w in wanted)]
            self._put(drawn, rough=scale < 1 or drafts)

        def ended() -> None:
            if self._running is not this:
                return
            self._running = None
            if not outcome:  # it failed, and that was told
                self._missing, self._rough = [], None
            elif self._missing:
                self._start()

        self._jobs.submit(work, done, lane=self._lane, ended=ended, urgent=True)

    def _put(self, drawn: list[tuple[Region, BGRA]], *, rough: bool) -> None:
        """Take pixels into the frame."""
        for region, pixels in drawn:
            inside = region.within(self.region)
            if inside.width and inside.height:
                rows, columns = inside.slices(self.region)
                own_rows, own_columns = inside.slices(region)
                self.frame[rows, columns] = pixels[own_rows, own_columns]
                if rough:
                    self._rough = _united(self._rough, inside)
                self._repaint(inside)
        self._rest()

    # -- the exact picture, at rest

    def _rest(self) -> None:
        self._rest_no_more()
        if not self._missing and self._rough is not None:
            self._cancel_rest = self._later(REST_MS, self._refine)

    def _rest_no_more(self) -> None:
        if self._cancel_rest is not None:
            self._cancel_rest()
            self._cancel_rest = None
        if self._refining is not None:
            self._refining = None
            self._jobs.cancel(f"{self._lane} exact")

    def _refine(self) -> None:
        self._cancel_rest = None
        picture, scale, wanted = self.picture, self.scale, self._rough
        if picture is None or wanted is None or self._missing:
            return
        this = self._refining = object()

        def work(job: Job[BGRA]) -> BGRA:
            pixels = draw(picture, scale, wanted, exact=True, cache=self._passing, cancelled=job.cancelled)
            give_back_memory()
            return pixels

        def done(pixels: BGRA) -> None:
            if self._refining is this:
                self._rough = None
                self._put([(wanted, pixels)], rough=False)
                self._kept.append(_Exact(picture, scale, self.region, self.frame.copy()))

        def ended() -> None:
            if self._refining is this:
                self._refining = None
                self._rough = None  # also where the user has given it up: the preview stays

        self._jobs.submit(work, done, lane=f"{self._lane} exact", title="Rendering", ended=ended)

    def _recall(self) -> bool:
        """Show the exact picture if it is remembered."""
        for kept in self._kept:
            if kept[1:3] == (self.scale, self.region) and kept.picture == self.picture:
                self._running = None
                self._jobs.cancel(self._lane)
                self._rest_no_more()
                self._missing, self._rough = [], None
                self.frame[:] = kept.frame
                self._repaint(None)
                return True
        return False


def _united(a: Region | None, b: Region) -> Region:
    if a is None:
        return b
    x, y = min(a.x, b.x), min(a.y, b.y)
    right, bottom = max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height)
    return Region(x, y, right - x, bottom - y)


def _inside(region: Region | None, frame: Region) -> Region | None:
    part = None if region is None else region.within(frame)
    return part if part is not None and part.width and part.height else None


def _around(kept: Region, whole: Region) -> list[Region]:
    """Return what of `whole` lies outside `kept`, as up to four strips."""
    bottom, right = kept.y + kept.height, kept.x + kept.width
    strips = [
        Region(whole.x, whole.y, whole.width, kept.y - whole.y),
        Region(whole.x, bottom, whole.width, whole.y + whole.height - bottom),
        Region(whole.x, kept.y, kept.x - whole.x, kept.height),
        Region(right, kept.y, whole.x + whole.width - right, kept.height),
    ]
    return [s for s in strips if s.width > 0 and s.height > 0]
