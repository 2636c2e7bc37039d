"""Strokes, drags and whatever else is done: the frame ends as if freshly drawn."""

import random

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
    PixelLayer,
    Range,
    Sliders,
    smart,
)
from retexture.document.pixels import Pixels
from retexture.document.transform import Transform
from retexture.filters.high_pass import HighPass
from retexture.filters.median import Median
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.session import viewport as module
from retexture.session.brush import Brush
from retexture.session.drawing import Picture, draw, draw_coarse, scaled_size
from retexture.session.painting import painted
from retexture.session.strokes import Stroke
from retexture.session.view import Point, Size, View
from tests.session.bench import IMPATIENT, PATIENT, Bench, make_document, whole_view

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
