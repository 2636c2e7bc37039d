"""The automatic recipe on the synthetic portrait, whose true pores are known."""

import math
from itertools import groupby
from operator import itemgetter

import cv2
import msgspec
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from retexture.document.analysis import Spot
from retexture.document.document import Document, find
from retexture.document.edits import delete_layer, set_parameter
from retexture.document.pixels import Pixels
from retexture.files.project import read_project, write_project
from retexture.recipes import RECIPES, measuring, scoring
from retexture.recipes.apply import build_document
from retexture.recipes.auto import kept_out, with_analysis
from retexture.recipes.base import Materials
from retexture.recipes.materials import completed
from retexture.render.render import flatten
from retexture.sample import Sample, make_sample
from retexture.session.mask_edits import with_tiles
from retexture.texture.alignment import align
from retexture.texture.alignment_resample import resample


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample(400)


def materials(sample, **more):
    return Materials(
        original=Pixels(sample.original.copy()), retouched=Pixels(sample.retouched.copy()), **more
    )


@pytest.fixture(scope="module")
def document(sample) -> Document:
    return build_document(RECIPES["auto"], materials(sample))


def picture(document):
    colour, alpha = flatten(document)
    assert alpha is None
    return colour / 65535


def blur(planes, sigma):
    return np.stack(
        [gaussian_filter(p.astype(np.float64), sigma, mode="nearest", truncate=6) for p in planes]
    )


def plane(document, layer, name):
    mask = find(document, layer).mask
    planes = (*mask.components, *([mask.painted] if mask.painted else []))
    return next(c for c in planes if c.name == name).tiles.to_array()[0] / 65535


def test_detail_of_the_clean_original_takes_the_place_of_the_retouched_ones(sample, document):
    group = find(document, "texture")
    transfer = group.filters[0].filter
    o, a = sample.original / 65535, sample.retouched / 65535
    donor = find(document, "donor").tiles.to_array()
    spots = plane(document, "donor", "blemishes") * (donor[3] / 65535)
    clean = o + (donor[:3] / 65535 - o) * spots
    low, low_a = blur(clean, transfer.radius_px), blur(a, transfer.radius_px)
    k = np.clip((low_a / low) ** transfer.relight, 0.5, 2)
    weight = np.prod([plane(document, "texture", name) for name in ("skin", "loss", "alignment")], axis=0)
    wanted = a + weight * (np.clip(a + (clean - low) * k - (a - low_a), 0, 1) - a)
    off = np.abs(picture(document) - wanted)
    assert np.percentile(off, 99) < 2 / 65535
    assert off.max() < 12 / 65535
    assert (weight > 0.9).mean() > 0.1


def test_true_pores_come_back_and_blemishes_stay_out(sample, document):
    result, o, a = picture(document), sample.original / 65535, sample.retouched / 65535
    truth = sample.truth / 65535
    inner = (sample.skin > 60000) & (plane(document, "texture", "skin") > 0.95)
    inner &= plane(document, "donor", "blemishes") == 0

    def likeness(p):
        fine = [(x - blur(x, 1.5))[:, inner].ravel() for x in (p, truth)]
        return np.corrcoef(*fine)[0, 1]

    assert likeness(result) > max(0.9, likeness(a) + 0.15)
    spots = plane(document, "donor", "blemishes") > 0.9
    assert spots.sum() > 50
    tone = [np.abs(blur(p, 2) - blur(a, 2))[:, spots].mean() for p in (result, o)]
    assert tone[0] < 0.35 * tone[1]


def test_nothing_changes_outside_the_skin(sample, document):
    outside = plane(document, "texture", "skin") == 0
    assert outside.mean() > 0.1
    assert (flatten(document)[0][:, outside] == sample.retouched[:, outside]).all()


@pytest.mark.parametrize("percent", [0, 40, 200])
def test_the_texture_slider_scales_what_is_laid(sample, document, percent):
    a = sample.retouched / 65535
    once = picture(document) - a
    got = picture(set_parameter(document, "texture.texture_gain.amount_percent", float(percent))) - a
    free = np.logical_and.reduce([(a + once * n > 0.02) & (a + once * n < 0.98) for n in (1, percent / 100)])
    # Where masks let half through, what is clipped is so before them.
    free &= np.prod([plane(document, "texture", n) for n in ("skin", "loss", "alignment")], axis=0) > 0.99
    assert np.abs(got - once * percent / 100)[free].max() < 8 / 65535


def test_a_blemish_is_switched_by_hand_and_by_sensitivity(sample, document):
    analysis = document.analysis
    out = kept_out(analysis)
    assert 0 < len(out) < len(analysis.spots)
    first = out[0]
    switched = msgspec.structs.replace(
        analysis,
        spots=tuple(msgspec.structs.replace(s, kept_out=False) if s == first else s for s in analysis.spots),
    )
    back = with_analysis(document, switched)
    assert back.analysis == switched
    y, x = round(first.y_px), round(first.x_px)
    assert plane(document, "donor", "blemishes")[y, x] == 1
    assert plane(back, "donor", "blemishes")[y, x] < 1
    changed = np.abs(picture(back) - picture(document)).max(axis=0) > 0
    assert changed[y - 3 : y + 4, x - 3 : x + 4].any()
    none = with_analysis(document, msgspec.structs.replace(analysis, sensitivity=0.0))
    assert not kept_out(none.analysis)
    assert not find(none, "donor").mask.components[0].tiles.tiles
    kept = Spot(first.x_px, first.y_px, first.radius_px, 0.0, kept_out=True)
    assert kept_out(msgspec.structs.replace(analysis, spots=(kept,), sensitivity=0.0)) == (kept,)


def test_without_the_layer_of_clean_skin_it_says_so(document):
    with pytest.raises(KeyError):
        with_analysis(delete_layer(document, "donor"), document.analysis)


def test_a_project_keeps_the_analysis(document, tmp_path):
    write_project(tmp_path / "a.retexture", document)
    again = read_project(tmp_path / "a.retexture")
    assert again.analysis == document.analysis
    assert np.array_equal(flatten(again)[0], flatten(document)[0])


def test_steps_are_told_and_can_be_given_up(sample):
    told = []
    build_document(RECIPES["auto"], materials(sample, tell=lambda step, done: told.append((step, done))))
    steps = [step for step, _ in groupby(told, key=itemgetter(0))]
    assert len(set(steps)) == len(steps)
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert "Finding removed blemishes" in dict(told)

    class Cancelled(Exception):
        pass

    def give_up(step, _done):
        if step == "Finding removed blemishes":
            raise Cancelled

    with pytest.raises(Cancelled):
        build_document(RECIPES["auto"], materials(sample, tell=give_up))


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.zeros((3, 200, 200), np.uint16),
        lambda: np.full((3, 90, 300), 40000, np.uint16),
        lambda: np.random.default_rng(1).integers(0, 65535, (3, 128, 128), dtype=np.uint16),
        lambda: np.linspace(0, 65535, 3 * 20 * 30).astype(np.uint16).reshape(3, 20, 30),
        lambda: np.zeros((3, 1, 1), np.uint16),
    ],
    ids=["black", "flat", "noise", "tiny", "one pixel"],
)
def test_a_picture_without_skin_stays_and_says_why(make):
    original = make()
    retouched = np.asarray((original * 0.9 + 900), np.uint16)
    document = build_document(
        RECIPES["auto"], Materials(original=Pixels(original), retouched=Pixels(retouched))
    )
    assert document.analysis.skin == "none"
    assert len(document.analysis.notes) == 1
    assert np.array_equal(flatten(document)[0], retouched)


def test_a_given_mask_takes_the_place_of_the_skin(sample):
    mask = np.zeros((400, 400), np.uint16)
    mask[200:] = 65535
    document = build_document(RECIPES["auto"], materials(sample, mask=mask))
    assert document.analysis.skin == "mask"
    made = find(document, "texture").mask
    assert np.array_equal(made.painted.tiles.to_array()[0], mask)
    assert [component.name for component in made.components] == ["loss", "alignment"]
    got = flatten(document)[0]
    assert np.array_equal(got[:, :200], sample.retouched[:, :200])
    assert (got[:, 200:] != sample.retouched[:, 200:]).any(axis=0).mean() > 0.3


def test_missed_skin_is_painted_in_on_the_mask(sample, document):
    mask = find(document, "texture").mask
    assert document.analysis.mask == mask.painted.tiles.id
    missed = plane(document, "texture", "skin")[:, 100:300] == 0
    y, x = np.argwhere(missed & (plane(document, "texture", "loss")[:, 100:300] > 0.9))[0] + (0, 100)
    white = mask.painted.tiles.written(x, y, np.full((1, 1, 1), 65535, np.uint16))
    painted = with_tiles(document, "texture", white)
    changed = (flatten(painted)[0] != flatten(document)[0]).any(axis=0)
    assert np.argwhere(changed).tolist() == [[y, x]]


def test_where_the_original_has_no_texture_the_faces_own_is_made(sample):
    original = sample.original.copy()
    # Half of the face out of focus.
    original[:, :, 200:] = np.rint(blur(original, 3))[:, :, 200:].astype(np.uint16)
    given = Materials(original=Pixels(original), retouched=Pixels(sample.retouched.copy()))
    document = build_document(RECIPES["auto"], given)
    bald = plane(document, "own_texture", "bald") * plane(document, "own_texture", "skin")
    assert bald[:, :180].max() < 0.3
    where = bald > 0.9
    assert where.sum() > 400
    fine = [
        (p - blur(p, 1.5))[1][where].std()
        for p in (picture(document), original / 65535, sample.truth / 65535)
    ]
    assert fine[0] > 2 * fine[1]
    assert 0.5 < fine[0] / fine[2] < 1.5
    (note,) = [note for note in document.analysis.notes if "(layer Own texture)" in note]
    assert 2 <= int(note.partition(" %")[0].split()[-1]) < 60
    face = document.analysis.faces[0]
    y, x = np.nonzero(bald)
    assert y.max() <= face.y_px + face.height_px + 1, "the neck is left out"
    assert x.max() <= face.x_px + face.width_px + 1
    assert "own_texture" not in [
        layer.key for layer in build_document(RECIPES["auto"], materials(sample)).layers
    ]


def test_grain_is_matched_outside_the_skin_when_asked(sample):
    grain = np.random.default_rng(5).normal(0, 900, sample.original.shape[1:])
    noisy = np.clip(sample.original + grain, 0, 65535).astype(np.uint16)
    given = Materials(original=Pixels(noisy), retouched=Pixels(sample.retouched.copy()))
    plain = build_document(RECIPES["auto"], given)
    assert "grain" not in [layer.key for layer in plain.layers]
    document = build_document(RECIPES["auto"], given, None, ["grain=on"])
    added = (picture(document) - picture(plain))[1]
    outside = (plane(document, "texture", "skin") == 0) & (plane(document, "grain", "background") > 0.9)
    assert outside.sum() > 2000
    assert 0.6 < added[outside].std() / (grain.std() / 65535) < 1.4
    assert np.abs(added[plane(document, "texture", "skin") > 0.99]).max() < 0.004


def test_grain_needs_no_match_of_a_plain_wall(sample):
    grain = np.random.default_rng(5).normal(0, 900, sample.original.shape[1:])
    original, retouched = sample.original.copy(), sample.retouched.copy()
    for planes in (original, retouched):
        planes[:, :220, :40] = 50000
    noisy = np.clip(original + grain, 0, 65535).astype(np.uint16)
    alignment = align(noisy, retouched)
    corner = np.s_[: 150 // alignment.cell_px, : 30 // alignment.cell_px]
    assert alignment.confidence[corner].mean() < 0.2
    given = Materials(original=Pixels(noisy), retouched=Pixels(retouched), alignment=alignment)
    plain, document = (build_document(RECIPES["auto"], given, None, [f"grain={on}"]) for on in ("off", "on"))
    added = (picture(document) - picture(plain))[1, :150, :30]
    assert 0.8 < added.std() / (grain.std() / 65535) < 1.2


@pytest.mark.parametrize(("certainty", "is_told"), [(0.9, False), (0.3, True)])
def test_skin_that_hardly_matches_is_told(sample, certainty, is_told):
    found = align(sample.original, sample.retouched)
    unsure = msgspec.structs.replace(
        found, confidence=np.full_like(found.confidence, certainty), coverage=1.0
    )
    given = Materials(original=Pixels(sample.original), retouched=Pixels(sample.retouched), alignment=unsure)
    notes = measuring.measure(given, 50.0).analysis.notes
    assert notes == ((measuring.UNSURE.format(certainty),) if is_told else ())


@pytest.fixture(scope="module")
def cropped(sample):
    """The right part of the retouched picture, and what lies left of it by its alignment: other pixels."""
    retouched = np.ascontiguousarray(sample.retouched[:, 10:-10, 150:])
    return retouched, align(sample.original, retouched)


def test_what_lies_outside_the_retouched_pictures_frame_is_not_measured(sample, document, cropped):
    retouched, alignment = cropped
    given = Materials(
        original=Pixels(sample.original.copy()),
        retouched=Pixels(resample(retouched, alignment)),
        alignment=alignment,
    )
    found = build_document(RECIPES["auto"], given).analysis
    assert not [spot for spot in found.spots if spot.x_px < 150]
    whole, part = ([s for s in kept_out(each) if s.x_px > 150] for each in (document.analysis, found))
    # Noise is that of the skin that was measured: near the threshold the two differ.
    again = [min(math.hypot(s.x_px - o.x_px, s.y_px - o.y_px) for o in part) < s.radius_px for s in whole]
    assert again.count(False) <= 2
    assert len(part) < 1.5 * len(whole)


def test_restoring_and_scoring_find_the_same_blemishes(sample, cropped):
    retouched, alignment = cropped
    laid = Pixels(completed(resample(retouched, alignment), sample.original, alignment))
    given = Materials(original=Pixels(sample.original.copy()), retouched=laid, alignment=alignment)
    out = kept_out(measuring.measure(given, 50.0).analysis)
    found = scoring.measure(sample.original, retouched, laid.array)
    assert [(s.x_px, s.y_px) for s in found.spots] == [(s.x_px, s.y_px) for s in out]
    assert found.after is not None
    assert (found.after.outside_change, found.after.halo) == (0, 0)


@pytest.mark.parametrize(("lies", "matches"), [("as it was", True), ("mirrored", False), ("2 % off", False)])
def test_pictures_that_do_not_match_as_they_lie_are_told(sample, document, lies, matches):
    retouched = {
        "as it was": sample.retouched.copy(),
        "mirrored": np.ascontiguousarray(sample.retouched[:, :, ::-1]),
        "2 % off": np.roll(sample.retouched, 8, axis=2),
    }[lies]
    given = Materials(original=Pixels(sample.original.copy()), retouched=Pixels(retouched))
    made = build_document(RECIPES["auto"], given)
    assert (measuring.UNMATCHED not in made.analysis.notes) == matches
    assert bool(kept_out(made.analysis)) == matches
    assert (flatten(made)[0] != retouched).any() == matches, "contours would show double"


def test_made_texture_is_hidden_too_where_they_do_not_match(sample):
    original = sample.original.copy()
    original[:, :, 200:] = np.rint(blur(original, 3))[:, :, 200:].astype(np.uint16)
    off = np.roll(sample.retouched, 8, axis=2)
    document = build_document(RECIPES["auto"], Materials(original=Pixels(original), retouched=Pixels(off)))
    assert find(document, "own_texture").opacity == 1
    assert np.array_equal(flatten(document)[0], off)


def test_a_narrow_face_is_told(sample, document):
    def small(planes):
        return Pixels(np.stack([cv2.resize(p, (200, 200), interpolation=cv2.INTER_AREA) for p in planes]))

    given = Materials(original=small(sample.original), retouched=small(sample.retouched))
    (note,) = [n for n in measuring.measure(given, 50.0).analysis.notes if "pores cannot be seen" in n]
    assert "is only 10" in note
    assert not any("pores cannot be seen" in n for n in document.analysis.notes)


def test_the_same_picture_twice_is_told(sample, document):
    same = Materials(original=Pixels(sample.original), retouched=Pixels(sample.original.copy()))
    assert measuring.SAME in measuring.measure(same, 50.0).analysis.notes
    assert measuring.SAME not in document.analysis.notes


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2], ids=["one size", "AI result twice as large"])
def test_swapped_pictures_are_told_and_grain_is_not_taken_for_it(sample, times):
    def notes(original, retouched):
        large = np.stack([cv2.resize(p, None, fx=times, fy=times) for p in original])
        alignment = align(large, retouched)
        laid = Pixels(resample(retouched, alignment))
        materials = Materials(original=Pixels(large), retouched=laid, alignment=alignment)
        return measuring.measure(materials, 50.0).analysis.notes

    grain = np.random.default_rng(3).normal(0, 1500, sample.retouched.shape[1:])
    grained = np.clip(sample.retouched + grain, 0, 65535).astype(np.uint16)
    assert measuring.SWAPPED in notes(sample.retouched, sample.original)
    assert measuring.SWAPPED not in notes(sample.original, sample.retouched)
    assert measuring.SWAPPED not in notes(sample.original, grained)
