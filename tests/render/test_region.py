"""Rectangles at a level."""

from hypothesis import given
from hypothesis import strategies as st

from retexture.document.changes import Rect
from retexture.render.region import Region

REGIONS = st.builds(Region, *[st.integers(-50, 50)] * 2, *[st.integers(1, 60)] * 2)


@given(REGIONS, REGIONS)
def test_a_union_is_the_smallest_region_that_holds_both(a, b):
    whole = a.union(b)
    assert type(whole) is Region
    assert a.within(whole) == a
    assert b.within(whole) == b
    for cut in ((1, 0, -1, 0), (0, 1, 0, -1), (0, 0, -1, 0), (0, 0, 0, -1)):
        smaller = Region(*(v + d for v, d in zip(whole, cut, strict=True)))
        assert a.within(smaller) != a or b.within(smaller) != b


def test_rectangles_of_the_document_stay_such():
    assert type(Rect(0, 0, 2, 2).union(Rect(5, 1, 1, 1))) is Rect
