"""The frame that a window shows equals the picture: whatever was done to it, and however late results come."""

from typing import Any

import cv2
import msgspec
import numpy as np
import pytest

from retexture.document.document import find
from retexture.document.edits import replace_layer
from retexture.document.layers import BlendIf, Range, Sliders
from retexture.document.pixels import Pixels
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import drawing
from retexture.session import viewport as module
from retexture.session.drawing import Picture, draw, scaled_size
from retexture.session.view import Point, Size, View
from tests.document.documents import samples
from tests.session.bench import IMPATIENT, Bench, area_average, make_document, whole_view

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
