"""The frame that a window shows equals the picture: whatever was done to it, and however late results come."""

import random
from functools import cache
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest

from retexture.document.changes import Rect, changes
from retexture.document.document import Document, Source, find
from retexture.document.edits import insert_layer, replace_layer, set_parameter
from retexture.document.layers import (
    BlendIf,
    FillLayer,
    LayerMask,
    LuminosityMask,
    PaintLayer,
    PixelLayer,
    Range,
    RasterMask,
    Sliders,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import Transform
from retexture.engine.modes import BlendMode
from retexture.filters.high_pass import HighPass
from retexture.filters.median import Median
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import drawing
from retexture.session import viewport as module
from retexture.session.brush import Brush
from retexture.session.drawing import Picture, draw, draw_coarse, scaled_size
from retexture.session.painting import painted
from retexture.session.strokes import Stroke
from retexture.session.view import Point, Size, View
from retexture.session.viewport import Viewport
from tests.document.documents import samples
from tests.session.late import LateJobs, Later

PATIENT, IMPATIENT = 1e9, -1.0


@cache
def make_document(width: int, height: int) -> Document:
    """Texture over a picture, under a mask that is half painted, and a paint layer."""
    plane = np.zeros((1, height, width), np.uint16)
    plane[:, height // 3 :] = 40000
    mask = LayerMask(painted=RasterMask(Tiles.from_array(plane), feather_px=1.5))
    paint = Tiles(width, height, background=(0, 0, 0, 0))
    paint = paint.written(20, 30, samples((4, 50, 60), seed=4))
    colour = samples((3, height, width))
    # A picture, not only noise: averages over pixels must differ from place to place.
    colour = (colour // 4 + np.linspace(0, 49000, width, dtype=np.uint16)[None, None]).astype(np.uint16)
    return Document(
        width_px=width,
        height_px=height,
        sources=(Source("picture", "Picture", Pixels(colour)),),
        layers=(
            PixelLayer(key="base", name="Base", source="picture"),
            PixelLayer(
                key="texture",
                name="Texture",
                source="picture",
                blend_mode=BlendMode.LINEAR_LIGHT,
                filters=smart(HighPass(radius_px=2)),
                mask=mask,
                opacity=0.5,
            ),
            PaintLayer(key="paint", name="Paint", tiles=paint),
        ),
    )


def area_average(pixels: np.ndarray, width: int, height: int) -> Any:
    """Return (height, width, 4) float64: the mean of each pixel's rectangle, colour weighted by alpha."""

    def weights(size: int, count: int) -> Any:
        edges = np.arange(count + 1) * (size / count)
        left = np.maximum(edges[:-1, None], np.arange(size)[None])
        right = np.minimum(edges[1:, None], np.arange(size)[None] + 1)
        return np.clip(right - left, 0, None) / (size / count)

    rows, columns = weights(pixels.shape[0], height), weights(pixels.shape[1], width)
    full = pixels.astype(np.float64)
    full[..., :3] *= full[..., 3:]
    means = np.einsum("ij,jkc,lk->ilc", rows, full, columns, optimize=True)
    means[..., :3] /= np.maximum(means[..., 3:], 1e-9)
    return means


class Bench:
    """One viewport with threads and a clock that are moved by hand."""

    def __init__(self, document: Document, view: View, window: Size) -> None:
        self.jobs, self.later = LateJobs(), Later()
        self.repainted: list[Region | None] = []
        self.viewport = Viewport(
            self.jobs, Cache(64 << 20), Cache(64 << 20), self.repainted.append, self.later
        )
        self.viewport.aim(view, window)
        self.viewport.show(Picture(document))

    def settle(self) -> None:
        self.jobs.settle(self.later)
        assert self.jobs.crashes == []
        assert self.viewport.settled

    def wanted(self) -> np.ndarray:
        """Draw the same part anew."""
        viewport = self.viewport
        assert viewport.picture is not None
        return draw(viewport.picture, viewport.scale, viewport.region, exact=True, cache=Cache(64 << 20))

    def check(self) -> None:
        if self.viewport.frame.size:
            assert np.array_equal(self.viewport.frame, self.wanted())


def whole_view(document: Document, zoom: float) -> tuple[View, Size]:
    centre = Point(document.width_px / 2, document.height_px / 2)
    width, height = scaled_size(document, min(zoom, 1))
    return View(zoom=zoom, centre=centre), Size(width + 20, height + 20)


@pytest.fixture(params=[PATIENT, IMPATIENT], ids=["at once", "by jobs"])
def patience(request, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", request.param)


# -- against the renderer


@pytest.mark.parametrize("zoom", [1.0, 2.0, 7.3])
def test_from_100_percent_on_the_frame_is_the_render(zoom, patience):
    document = make_document(403, 277)
    window = Size(211, 150)
    bench = Bench(document, View(zoom=zoom, centre=Point(200, 130)), window)
    bench.settle()
    region = bench.viewport.region
    assert region.width >= window.width / zoom
    assert region.height >= window.height / zoom
    wanted = render(document, region, form="bgra")
    assert np.array_equal(bench.viewport.frame, wanted)
    assert bench.repainted


@pytest.mark.parametrize("size", [(1003, 777), (640, 480)])
@pytest.mark.parametrize("zoom", [0.9, 0.5, 0.33, 0.25, 0.1317, 0.05])
def test_below_100_percent_the_settled_frame_is_the_area_average_of_the_whole_render(size, zoom):
    document = make_document(*size)
    bench = Bench(document, *whole_view(document, zoom))
    bench.settle()
    width, height = scaled_size(document, zoom)
    assert bench.viewport.frame.shape == (height, width, 4)
    assert abs(width - size[0] * zoom) < 1
    assert abs(height - size[1] * zoom) < 1
    full = render(document, form="bgra")
    error = np.abs(bench.viewport.frame - area_average(full, width, height))
    assert error.max() <= 1
    assert np.percentile(error, 99) <= 0.51
    if size[0] % width == 0 and size[1] % height == 0:
        exact = cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA)
        assert np.abs(bench.viewport.frame.astype(int) - exact).max() <= 1


def test_a_transparent_picture_is_averaged_by_its_alpha():
    whole = make_document(403, 277)
    alpha = np.zeros((277, 403), np.uint16)
    alpha[50:200, 31:300] = samples((150, 269), seed=9)
    source = msgspec.structs.replace(whole.sources[0], alpha=Pixels(alpha))
    document = msgspec.structs.replace(whole, sources=(source,))
    bench = Bench(document, *whole_view(document, 0.31))
    bench.settle()
    height, width, _ = bench.viewport.frame.shape
    wanted = area_average(render(document, form="bgra"), width, height)
    assert np.abs(bench.viewport.frame[..., 3] - wanted[..., 3]).max() <= 1
    seen = wanted[..., 3] > 8
    assert 0.2 < seen.mean() < 0.8
    assert np.abs(bench.viewport.frame - wanted)[seen].max() <= 1


def test_every_part_of_the_scaled_picture_equals_that_part_of_all_of_it():
    document = make_document(403, 277)
    rng = np.random.default_rng(2)
    for scale in (1.0, 0.7, 0.4, 0.2, 0.11):
        width, height = scaled_size(document, scale)
        for exact in (True, False):
            options: Any = {"exact": exact, "cache": Cache(64 << 20)}
            whole = draw(Picture(document), scale, Region(0, 0, width, height), **options)
            for _ in range(5):
                x, y = int(rng.integers(width)), int(rng.integers(height))
                part = Region(x, y, int(rng.integers(1, width - x + 1)), int(rng.integers(1, height - y + 1)))
                for direct in (False, True):
                    got = draw(Picture(document), scale, part, direct=direct, **options)
                    assert np.array_equal(got, whole[part.slices(Region(0, 0, width, height))])


def test_a_preview_is_near_the_exact_picture_and_bands_leave_no_seams(monkeypatch):
    document = make_document(1003, 777)
    width, height = scaled_size(document, 0.33)
    whole = Region(0, 0, width, height)
    exact, rough = (
        draw(Picture(document), 0.33, whole, exact=e, cache=Cache(64 << 20)) for e in (True, False)
    )
    error = np.abs(exact.astype(int) - rough)
    assert np.percentile(error, 90) < 25
    assert error.max() > 0, "else there would be nothing to refine"
    monkeypatch.setattr(drawing, "BAND_PX", 40_000)
    banded = draw(Picture(document), 0.33, whole, exact=True, cache=Cache(64 << 20))
    assert np.array_equal(banded, exact)


def test_no_scale_of_a_window_that_fits_loses_a_pixel():
    for size in range(300, 1100, 7):
        document = msgspec.structs.replace(make_document(403, 277), width_px=size, height_px=size + 100)
        for window in (333, 512, 640, 799):
            view = View().fitting(Size(size, size + 100), Size(window, window))
            wanted = min(window, size + 100) if view.zoom <= 1 else size + 100
            assert scaled_size(document, min(view.zoom, 1.0))[1] == wanted


# -- what is hidden by Blend-If


def test_what_blend_if_hides_is_tinted():
    document = make_document(403, 277)
    layer = msgspec.structs.replace(
        find(document, "paint"),
        blend_if=BlendIf(
            this=Sliders(gray=Range(60, 120, 200, 255)), underlying=Sliders(red=Range(0, 90, 255, 255))
        ),
    )
    document = replace_layer(document, "paint", layer)
    region = Region(10, 20, 120, 90)
    plain = draw(Picture(document), 1.0, region, exact=True, cache=Cache(1 << 26)).astype(np.float64)
    tinted = draw(Picture(document, "paint"), 1.0, region, exact=True, cache=Cache(1 << 26))

    def ramp(value: np.ndarray, b0: float, b1: float, w0: float, w1: float) -> np.ndarray:
        value = value * 255
        rising = (value >= b0) if b0 == b1 else np.clip((value - b0) / (b1 - b0), 0, 1)
        falling = (value <= w1) if w0 == w1 else np.clip((w1 - value) / (w1 - w0), 0, 1)
        return rising * falling

    rows, columns = slice(20, 110), slice(10, 130)
    own = find(document, "paint").tiles.to_array()[:3, rows, columns] / 65535
    beneath = render(msgspec.structs.replace(document, layers=document.layers[:2]), form="float")[
        :3, rows, columns
    ]
    grey = 0.30 * own[0] + 0.59 * own[1] + 0.11 * own[2]
    weight = ramp(grey, 60, 120, 200, 255) * ramp(beneath[0], 0, 90, 255, 255)
    wanted = plain.copy()
    tint = np.array([255, 120, 0])  # B, G, R
    wanted[..., :3] += (tint - plain[..., :3]) * (0.7 * (1 - weight))[..., None]
    error = np.abs(tinted - wanted)
    assert np.percentile(error, 99) <= 0.52
    assert error.max() <= 1
    assert 0.05 < (weight > 0.5).mean() < 0.95
    # At other sizes too, once they have settled.
    bench = Bench(document, *whole_view(document, 0.4))
    bench.viewport.show(Picture(document, "paint"))
    bench.settle()
    height, width, _ = bench.viewport.frame.shape
    full = draw(Picture(document, "paint"), 1.0, Region(0, 0, 403, 277), exact=True, cache=Cache(1 << 26))
    assert np.abs(bench.viewport.frame - area_average(full, width, height)).max() <= 1


# -- jobs and time


def test_nothing_is_drawn_twice_and_the_exact_picture_comes_at_rest(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    bench = Bench(document, *whole_view(document, 0.5))
    viewport = bench.viewport
    assert not viewport.settled
    assert len(bench.jobs.pool.waiting) == 1
    rng = random.Random(1)
    while bench.jobs.step(rng):
        pass
    rough = viewport.frame.copy()
    assert not viewport.settled
    assert [ms for ms, _ in bench.later.waiting.values()] == [module.REST_MS]
    bench.settle()
    assert not np.array_equal(viewport.frame, rough)
    bench.check()
    # Nothing more is asked for.
    viewport.look(viewport.view, viewport.window)
    assert bench.later.waiting == {}
    assert bench.jobs.idle


def test_at_100_percent_there_is_nothing_to_refine():
    bench = Bench(make_document(403, 277), View(zoom=1, centre=Point(200, 100)), Size(100, 80))
    while bench.jobs.step(random.Random(1)):
        pass
    assert bench.viewport.settled
    assert bench.later.waiting == {}


def test_the_latest_picture_wins_whatever_arrives_late(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    others = [set_parameter(document, "texture.opacity", value) for value in (0.1, 0.9, 0.3)]
    for seed in range(10):
        rng = random.Random(seed)
        bench = Bench(document, View(zoom=1, centre=Point(200, 100)), Size(150, 120))
        for other in others:
            for _ in range(rng.randrange(3)):
                bench.jobs.step(rng)
            bench.viewport.show(Picture(other), moving=True)
        bench.settle()
        region = bench.viewport.region
        assert np.array_equal(bench.viewport.frame, render(others[-1], region, form="bgra"))


def test_a_drag_faster_than_the_renderer_still_shows_frames(monkeypatch):
    """A job under way is finished and shown, however many newer wishes have come: latest wins, but never nothing."""
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    bench = Bench(document, View(zoom=1, centre=Point(200, 100)), Size(150, 120))
    bench.settle()
    radii = [2 + 0.1 * i for i in range(1, 41)]
    drawn = [set_parameter(document, "texture.high_pass.radius_px", radius) for radius in radii]
    region = bench.viewport.region
    seen = set()
    for i, each in enumerate(drawn):
        bench.viewport.show(Picture(each), moving=True)
        if i % 8 == 7:  # eight wishes in the time of one job
            bench.jobs.step(random.Random(0))
            bench.jobs.step(random.Random(0))
        for n in (0, 7, 15, 23, 31):
            if np.array_equal(bench.viewport.frame, render(drawn[n], region, form="bgra")):
                seen.add(n)
    assert len(seen) >= 4
    bench.settle()
    assert np.array_equal(bench.viewport.frame, render(drawn[-1], region, form="bgra"))


def test_an_exact_picture_that_was_just_there_is_there_again(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    bench = Bench(document, *whole_view(document, 0.4))
    bench.settle()
    other = set_parameter(document, "texture.opacity", 0.9)
    bench.viewport.show(Picture(other))
    bench.settle()
    bench.viewport.show(Picture(document))
    assert (bench.viewport.settled, bench.jobs.idle) == (True, True)
    bench.check()
    # While a slider moves, previews are shown all the same.
    bench.viewport.show(Picture(other), moving=True)
    assert not bench.viewport.settled
    bench.settle()
    bench.check()


def test_a_view_settles_where_rendering_fails_or_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    bench = Bench(document, *whole_view(document, 0.4))
    bench.settle()
    before = bench.viewport.frame.copy()

    def fail(*_args, **_options):
        raise RuntimeError("defect")

    with monkeypatch.context() as broken:
        broken.setattr(drawing, "render", fail)
        bench.viewport.show(Picture(set_parameter(document, "texture.opacity", 0.2)))
        bench.jobs.settle(bench.later)
    assert [crash.args for crash in bench.jobs.crashes] == [("RuntimeError: defect",)]
    assert bench.viewport.settled
    assert np.array_equal(bench.viewport.frame, before)
    bench.jobs.crashes.clear()
    bench.viewport.show(Picture(set_parameter(document, "texture.opacity", 0.3)))
    rng = random.Random(0)
    while bench.jobs.step(rng):
        pass
    bench.later.ring()
    (exact,) = bench.jobs.active
    exact.cancel()
    bench.jobs.settle(bench.later)
    assert bench.viewport.settled
    bench.viewport.show(Picture(document))
    bench.settle()
    bench.check()


def test_a_change_out_of_sight_does_not_lose_what_is_on_its_way(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    bench = Bench(document, View(zoom=1, centre=Point(300, 200)), Size(100, 80))
    # The window still waits for its first pixels when something changes far away.
    after = set_parameter(document, "texture.opacity", 0.49)
    bench.viewport.show(Picture(after), Rect(0, 0, 10, 10), light=True)
    bench.settle()
    assert bench.viewport.frame.any()
    wanted = render(after, bench.viewport.region, form="bgra")
    assert np.array_equal(bench.viewport.frame, wanted)


@pytest.mark.parametrize("zoom", [1.0, 0.4])
def test_clearing_forgets_the_picture_and_what_was_on_its_way(zoom, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    bench = Bench(document, View(zoom=zoom, centre=Point(200, 100)), Size(100, 80))
    bench.viewport.clear()
    bench.jobs.settle(bench.later)
    assert bench.viewport.frame.size == 0
    assert bench.viewport.settled
    bench.viewport.look(View(zoom=2), Size(50, 50))
    bench.viewport.show(Picture(document))
    bench.settle()
    bench.check()


def test_a_picture_out_of_sight_is_no_work():
    document = make_document(403, 277)
    bench = Bench(document, View(zoom=1, centre=Point(5000, 5000)), Size(100, 80))
    assert bench.viewport.frame.size == 0
    assert bench.jobs.idle
    assert bench.viewport.settled
    bench.viewport.look(View(zoom=1, centre=Point(200, 100)), Size(100, 80))
    bench.settle()
    bench.check()


def test_a_filter_of_the_whole_picture_is_never_waited_for(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", PATIENT)
    document = make_document(403, 277)
    texture = msgspec.structs.replace(find(document, "texture"), filters=smart(HighPass(radius_px=200)))
    whole = replace_layer(document, "texture", texture)
    bench = Bench(document, View(zoom=1, centre=Point(200, 100)), Size(100, 80))
    bench.settle()
    bench.viewport.show(Picture(whole), light=True)
    assert not bench.jobs.idle
    bench.settle()
    bench.check()


# -- what is kept


def test_panning_repaints_all_and_keeps_the_pixels_that_stay(monkeypatch):
    """While the new strips are on their way, what was there is shown in its new place."""
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    view, window = View(zoom=1, centre=Point(200, 130)), Size(100, 80)
    bench = Bench(document, view, window)
    bench.settle()
    for dx, dy in ((17, 0), (-23, 0), (0, 11), (0, -30), (9, 9)):
        bench.repainted.clear()
        before, region = bench.viewport.frame.copy(), bench.viewport.region
        view = view.moved(dx, dy)
        bench.viewport.look(view, window)
        assert bench.repainted[-1] is None
        kept = region.within(bench.viewport.region)
        assert kept.width * kept.height > 0.4 * window.width * window.height
        now = bench.viewport.frame[kept.slices(bench.viewport.region)]
        assert np.array_equal(now, before[kept.slices(region)])
        bench.settle()
        bench.check()


def test_a_zoom_shows_the_old_pixels_until_the_new_ones_come(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", IMPATIENT)
    document = make_document(403, 277)
    bench = Bench(document, *whole_view(document, 0.5))
    bench.settle()
    fine = bench.viewport.frame.copy()
    bench.viewport.look(*whole_view(document, 0.25))
    small = bench.viewport.frame
    assert small.shape[0] == scaled_size(document, 0.25)[1]
    tall, wide = 2 * small.shape[0], 2 * small.shape[1]
    near = [fine[y:tall:2, x:wide:2] for x in (0, 1) for y in (0, 1)]
    assert np.any([(small == pixel).all(-1) for pixel in near], 0).all()
    bench.settle()
    bench.check()


# -- strokes


def stroke_on(document: Document, key: str, mask: bool, rng: random.Random, bench: Bench) -> Document:
    """Paint a stroke whose drafts are shown with what each has changed."""
    layer = find(document, key)
    tiles = layer.mask.painted.tiles if mask else layer.tiles
    brush = Brush(size_px=rng.choice([5, 30, 90]), hardness=rng.random(), spacing=0.1)
    value = (float(rng.random() < 0.5),) if mask else (rng.random(), 0.5, 0.2)
    stroke = Stroke(tiles, brush, value)
    x, y = rng.random() * document.width_px, rng.random() * document.height_px
    now = document

    def show(dirty: Rect | None) -> None:
        nonlocal now
        if dirty is not None:
            before, now = now, painted(now, key, "mask" if mask else "layer", stroke.tiles)
            found = changes(before, now, dirty)
            bench.viewport.show(Picture(now), found.region, light=mask, moving=True)

    show(stroke.begin(x, y, 0.7))
    for _ in range(rng.randrange(1, 5)):
        x, y = x + rng.uniform(-90, 90), y + rng.uniform(-90, 90)
        show(stroke.move(x, y, rng.random()))
        for _ in range(rng.randrange(2)):
            bench.jobs.step(rng)
    show(stroke.finish())
    return now


@pytest.mark.parametrize("key", ["texture", "paint"])
@pytest.mark.parametrize("zoom", [2.0, 1.0, 0.45])
def test_after_a_stroke_the_frame_is_a_fresh_render(key, zoom, patience):
    document = make_document(403, 277)
    bench = Bench(document, View(zoom=zoom, centre=Point(200, 140)), Size(330, 240))
    bench.settle()
    rng = random.Random(5)
    for _ in range(4):
        before = document
        document = stroke_on(document, key, key == "texture", rng, bench)
        bench.settle()
        bench.check()
        # Undo: only the tiles are known to differ.
        bench.viewport.show(Picture(before), changes(document, before).region, light=key == "texture")
        bench.settle()
        bench.check()
        bench.viewport.show(Picture(document), changes(before, document).region)
        bench.settle()
        bench.check()


@pytest.mark.parametrize("zoom", [0.45, 0.33, 0.2, 0.13])
def test_a_preview_shows_all_that_a_stroke_changes_in_it(zoom):
    """A preview level spreads a stroke over its own larger pixels."""
    document = set_parameter(make_document(1003, 777), "texture.mask.feather_px", 0)
    bench = Bench(document, *whole_view(document, zoom))
    bench.settle()
    viewport, shared = bench.viewport, Cache(64 << 20)

    def preview(shown: Document) -> np.ndarray:
        return draw(Picture(shown), viewport.scale, viewport.region, exact=False, cache=shared)

    rng = random.Random(int(100 * zoom))
    seen = 0
    for _ in range(6):
        after = stroke_on(document, "texture", True, rng, bench)
        while bench.jobs.step(rng):
            pass
        before, now = preview(document), preview(after)
        touched = (before != now).any(-1)
        seen += int(touched.sum())
        assert np.array_equal(viewport.frame[touched], now[touched])
        document = after
        bench.settle()
    assert seen > 50


# -- anything, in any order


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_the_frame_ends_as_if_freshly_drawn(seed, monkeypatch):
    rng = random.Random(seed)
    pictures = [make_document(403, 277), make_document(257, 300)]
    document = pictures[0]
    view, window = View(zoom=1.0, centre=Point(200, 130)), Size(150, 120)
    bench = Bench(document, view, window)
    viewport = bench.viewport
    versions = [document]
    for _ in range(60):
        monkeypatch.setattr(module, "PATIENCE_S", rng.choice([PATIENT, IMPATIENT]))
        action = rng.choice(
            [
                "pan",
                "pan",
                "zoom",
                "turn",
                "resize",
                "stroke",
                "opacity",
                "undo",
                "other",
                "add",
                "ring",
                "late",
            ]
        )
        match action:
            case "pan":
                view = view.moved(rng.randrange(-60, 61), rng.randrange(-60, 61))
                viewport.look(view, window)
            case "zoom":
                at = Point(rng.random() * window.width, rng.random() * window.height)
                view = view.zoomed(rng.choice([0.1317, 0.33, 0.5, 0.8, 1.0, 1.7, 4.0]), at, window)
                viewport.look(view, window)
            case "turn":
                view = msgspec.structs.replace(
                    view, angle_deg=rng.choice([0, 0, 15, 90]), flipped=rng.random() < 0.3
                )
                viewport.look(view, window)
            case "resize":
                window = Size(rng.randrange(1, 260), rng.randrange(1, 200))
                viewport.look(view, window)
            case "stroke":
                mask = rng.random() < 0.5
                document = stroke_on(document, "texture" if mask else "paint", mask, rng, bench)
                versions.append(document)
            case "opacity":
                before, document = document, set_parameter(document, "texture.opacity", rng.random())
                viewport.show(Picture(document), changes(before, document).region, light=True, moving=True)
                versions.append(document)
            case "add":
                fill = FillLayer(key=f"fill{len(versions)}", name="", opacity=0.1, colour=(1, 0, 0))
                document = insert_layer(document, fill)
                viewport.show(Picture(document))
                versions.append(document)
            case "undo":
                before, document = document, rng.choice(versions)
                size = (before.width_px, before.height_px)
                if size == (document.width_px, document.height_px):
                    viewport.show(Picture(document), changes(before, document).region)
                else:
                    viewport.show(Picture(document))
            case "other":
                document = rng.choice(pictures)
                view = msgspec.structs.replace(view, centre=Point(rng.random() * 250, rng.random() * 250))
                viewport.aim(view, window)
                viewport.show(Picture(document))
            case "ring":
                bench.later.ring()
            case _:
                for _ in range(rng.randrange(6)):
                    bench.jobs.step(rng)
        if rng.random() < 0.15:
            bench.settle()
            bench.check()
    bench.settle()
    assert viewport.picture == Picture(document)
    bench.check()


def test_the_tint_follows_strokes_and_settles(patience):
    document = make_document(403, 277)
    lit = msgspec.structs.replace(
        find(document, "texture"),
        blend_if=BlendIf(underlying=Sliders(gray=Range(0, 100, 255, 255))),
        mask=LayerMask(painted=find(document, "texture").mask.painted, components=(LuminosityMask(),)),
    )
    document = replace_layer(document, "texture", lit)
    bench = Bench(document, View(zoom=0.6, centre=Point(200, 140)), Size(330, 240))
    for opacity in (0.2, 0.7):
        document = set_parameter(document, "texture.opacity", opacity)
        bench.viewport.show(Picture(document, "texture"), None, light=True, moving=True)
    bench.settle()
    bench.check()


def test_a_filter_changed_while_dragging_settles(patience):
    document = make_document(403, 277)
    bench = Bench(document, View(zoom=0.7, centre=Point(200, 140)), Size(330, 240))
    for radius in (1.0, 3.0, 9.0):
        texture = msgspec.structs.replace(
            find(document, "texture"), filters=smart(HighPass(radius_px=radius), Median(radius_px=1))
        )
        document = replace_layer(document, "texture", texture)
        bench.viewport.show(Picture(document), moving=True)
        bench.jobs.step(random.Random(3))
    bench.settle()
    bench.check()


def transformed(angle_deg=7.0):
    pixels = (
        np.random.default_rng(4).integers(20000, 40000, (3, 20, 27), np.uint16).repeat(24, 1).repeat(24, 2)
    )
    layer = PixelLayer(key="a", name="A", source="s", transform=Transform(angle_deg=angle_deg))
    return Document(width_px=640, height_px=480, layers=(layer,), sources=(Source("s", "S", Pixels(pixels)),))


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("scale", [1.0, 0.43])
def test_a_coarse_draft_lies_where_the_fine_one_does(factor, scale):
    picture = Picture(transformed())
    width, height = scaled_size(picture.document, scale)
    for region in (Region(0, 0, width, height), Region(33, 21, 90, 70)):
        fine = draw(picture, scale, region, exact=False, cache=Cache(1 << 26))
        coarse = draw_coarse(picture, scale, region, factor, cache=Cache(1 << 26))
        assert coarse.shape == fine.shape
        assert np.median(np.abs(coarse.astype(int) - fine)) <= 6


@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_what_is_transformed_is_drafted_while_it_moves_and_exact_at_rest(zoom, monkeypatch):
    monkeypatch.setattr(module, "DRAFT_S", 0.0)  # every draft takes too long
    bench = Bench(transformed(), View(zoom=zoom, centre=Point(320, 240)), Size(300, 200))
    bench.settle()
    for angle in (8.0, 9.0, 10.0):
        picture = Picture(transformed(angle))
        bench.viewport.show(picture, moving=True)
        while bench.jobs.step(random.Random(1)):
            pass
        assert bench.viewport.complete
        assert not bench.viewport.settled
    exact = draw(picture, zoom, bench.viewport.region, exact=True, cache=Cache(1 << 26))
    assert not np.array_equal(bench.viewport.frame, exact)
    bench.settle()
    assert np.array_equal(bench.viewport.frame, exact)
