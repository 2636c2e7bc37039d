"""Where the four handles of a range may be: how they move, split and join."""

from retexture.document.layers import Range

Ends = tuple[float, ...]
"""Black low, black high, white low, white high: 0-255."""
Stop = tuple[int, ...]
"""The handles that move as one: one half of a split triangle, or both halves of a whole one."""


def ends_of(value: Range) -> Ends:
    """Return the four handles of a range."""
    return value.black_low, value.black_high, value.white_low, value.white_high


def stops(ends: Ends) -> list[Stop]:
    """Return what can be moved, from black to white: whole triangles, and halves of split ones."""
    black: list[Stop] = [(0, 1)] if ends[0] == ends[1] else [(0,), (1,)]
    white: list[Stop] = [(2, 3)] if ends[2] == ends[3] else [(2,), (3,)]
    return black + white


def moved(ends: Ends, stop: Stop, value: float) -> Ends:
    """Return the handles with one stop moved as near to `value` as its neighbours let it: handles never cross."""
    low = ends[stop[0] - 1] if stop[0] > 0 else 0.0
    high = ends[stop[-1] + 1] if stop[-1] < 3 else 255.0
    inside = min(max(value, low), high)
    return tuple(inside if i in stop else end for i, end in enumerate(ends))


def typed(ends: Ends, handle: int, value: float) -> Ends:
    """Return the handles after one was typed. It takes its other half along, but stops at the other triangle."""
    pair = (0, 1) if handle < 2 else (2, 3)
    inside = min(value, ends[2]) if handle < 2 else max(value, ends[1])
    new = [inside if i == handle else end for i, end in enumerate(ends)]
    if new[pair[0]] > new[pair[1]]:
        new[pair[0]] = new[pair[1]] = inside
    return tuple(new)


def split(ends: Ends, handle: int, gap: float) -> Ends:
    """Return the handles with a whole triangle pulled apart by `gap` levels, or by as many as there is room for."""
    first = 0 if handle < 2 else 2
    low_limit, high_limit = (0.0, ends[2]) if first == 0 else (ends[1], 255.0)
    low = max(min(ends[first] - gap / 2, high_limit - gap), low_limit)
    high = min(low + gap, high_limit)
    return (low, high, *ends[2:]) if first == 0 else (*ends[:2], low, high)


def joined(ends: Ends, handle: int) -> Ends:
    """Return the handles with both halves of a triangle where `handle` is."""
    pair = (0, 1) if handle < 2 else (2, 3)
    return tuple(ends[handle] if i in pair else end for i, end in enumerate(ends))
