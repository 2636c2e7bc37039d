"""A blemish that was missed: pointed out by hand, it is kept out like one that was found."""

import msgspec
import numpy as np
import pytest

from retexture.document.document import find
from retexture.document.edits import delete_layer
from retexture.render.render import render
from retexture.session import restoration
from retexture.session.added_blemish import with_blemish
from tests.session.restored import restored_document

X, Y, RADIUS = 150.5, 40.5, 7.0


def changed(before, after) -> np.ndarray:
    return (before != after).any(axis=0)


def test_clean_skin_is_made_for_it_alone_and_shown():
    document = restored_document()
    made = with_blemish(document, X, Y, RADIUS)
    (spot,) = made.analysis.spots[4:]
    assert made.analysis.spots[:4] == document.analysis.spots
    assert (spot.x_px, spot.y_px, spot.radius_px, spot.kept_out) == (X, Y, RADIUS, True)
    assert restoration.title_of(spot) == "Added spot, 14 px"
    places = changed(render(document), render(made))
    y, x = np.nonzero(places)
    assert (
        np.hypot(x + 0.5 - X, y + 0.5 - Y).max() < 2 * RADIUS + 12
    )  # the texture's high pass reaches further
    paint = find(made, "donor").tiles.to_array()
    inside = np.hypot(*(np.mgrid[:200, :240] + 0.5 - np.array([Y, X])[:, None, None])) < RADIUS
    assert (paint[3][inside] == 65535).all()
    original = document.source("original").colour.array
    assert (paint[:3] != original)[:, inside].mean() > 0.9
    # Texture of the same skin, not the retouched picture's flat tone.
    assert 0.5 < paint[1][inside].std() / original[1][inside].std() < 1.5


def test_it_can_come_back_and_touches_no_others():
    document = restored_document()
    made = with_blemish(document, X, Y, RADIUS)
    spots = (*made.analysis.spots[:4], msgspec.structs.replace(made.analysis.spots[4], kept_out=False))
    back = restoration.with_decisions(made, msgspec.structs.replace(made.analysis, spots=spots))
    assert np.array_equal(render(back), render(document))


def test_with_one_beside_it_clean_skin_is_made_as_one():
    document = restored_document()
    first = document.analysis.spots[0]
    made = with_blemish(document, first.x_px + 12, first.y_px, 6.0)
    assert restoration.decisions(made.analysis) == (True, True, False, False, True)
    mask = find(made, "donor").mask.components[0].tiles.to_array()[0]
    between = mask[int(first.y_px), int(first.x_px) : int(first.x_px) + 12]
    assert (between > 60000).all()
    before, after = (find(each, "donor").tiles.to_array() for each in (document, made))
    at = np.s_[:, int(first.y_px) - 3 : int(first.y_px) + 3, int(first.x_px) - 3 : int(first.x_px) + 3]
    assert (before[at] != after[at]).any()


@pytest.mark.parametrize(
    ("x", "radius", "words"),
    [(X, 60.0, "make the brush 40 px or smaller"), (300.0, 5.0, "outside the picture")],
)
def test_what_is_no_blemish_is_refused(x, radius, words):
    with pytest.raises(ValueError, match=words):
        with_blemish(restored_document(), x, Y, radius)


def test_without_clean_skin_it_is_refused():
    with pytest.raises(ValueError, match="Clean skin"):
        with_blemish(delete_layer(restored_document(), "donor"), X, Y, RADIUS)
