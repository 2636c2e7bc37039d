"""What a viewport does at once and by jobs: nothing twice, and the latest picture wins."""

import random

import msgspec
import numpy as np
import pytest

from retexture.document.changes import Rect
from retexture.document.document import find
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import smart
from retexture.filters.high_pass import HighPass
from retexture.render.render import render
from retexture.session import drawing
from retexture.session import viewport as module
from retexture.session.drawing import Picture
from retexture.session.view import Point, Size, View
from tests.session.bench import IMPATIENT, PATIENT, Bench, make_document, whole_view


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
