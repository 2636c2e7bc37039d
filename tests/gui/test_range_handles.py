"""The handles of a range: they never cross, split and join alone, and stay on the bar."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from retexture.gui.range_handles import Ends, joined, moved, split, stops, typed

level = st.floats(0, 255)
four = st.tuples(level, level, level, level).map(lambda ends: tuple(sorted(ends)))


def ordered(ends: Ends) -> bool:
    return all(a <= b for a, b in itertools.pairwise((0.0, *ends, 255.0)))


@given(four, level, st.integers(0, 3))
def test_handles_never_cross(ends: Ends, value: float, handle: int) -> None:
    stop = next(stop for stop in stops(ends) if handle in stop)
    assert ordered(moved(ends, stop, value))
    assert ordered(typed(ends, handle, value))
    assert ordered(split(ends, handle, 16))
    assert ordered(joined(ends, handle))


@given(four, st.integers(0, 3))
def test_split_and_join_leave_the_other_triangle(ends: Ends, handle: int) -> None:
    other = slice(2, 4) if handle < 2 else slice(0, 2)
    assert split(ends, handle, 16)[other] == joined(ends, handle)[other] == ends[other]


def test_typed_half_takes_the_other_one_along() -> None:
    assert typed((0, 0, 255, 255), 0, 50) == (50, 50, 255, 255)
    assert typed((0, 0, 255, 255), 1, 50) == (0, 50, 255, 255)
    assert typed((0, 50, 255, 255), 1, 50) == (0, 50, 255, 255)
    assert typed((0, 0, 200, 255), 2, 100) == (0, 0, 100, 255)
    assert typed((0, 50, 100, 200), 3, 60) == (0, 50, 60, 60)
    assert typed((0, 50, 100, 200), 0, 150) == (100, 100, 100, 200)


def test_split_at_the_end_of_the_bar_goes_inward() -> None:
    assert split((0, 0, 255, 255), 0, 16) == (0, 16, 255, 255)
    assert split((0, 0, 255, 255), 3, 16) == (0, 0, 239, 255)
    assert split((100, 100, 105, 105), 0, 16) == (89, 105, 105, 105)
