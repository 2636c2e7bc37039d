"""What holds for every filter, read off its declaration."""

from functools import reduce
from operator import or_
from typing import get_args

import msgspec
import numpy as np
import pytest

from retexture.declare import parameters
from retexture.filters import FILTERS, AnyFilter, Context, Filter
from retexture.filters.base import length_fields
from tests.filters.pictures import grown, picture

CURVE = ((0.0, 20.0), (100.0, 160.0), (255.0, 230.0))

each_filter = pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.__name__)
each_parameter = pytest.mark.parametrize(
    ("kind", "parameter"),
    [pytest.param(k, p, id=f"{k.__name__}-{p.name}") for k in FILTERS for p in parameters(k)],
)
each_number = pytest.mark.parametrize(
    ("kind", "parameter"),
    [
        pytest.param(k, p, id=f"{k.__name__}-{p.name}")
        for k in FILTERS
        for p in parameters(k)
        if p.kind in ("number", "integer")
    ],
)


def other_values(parameter):
    """Values that are not the default, one for each thing that a parameter can do."""
    match parameter.kind:
        case "number" | "integer":
            low, high = parameter.slider
            value = high if parameter.default != high else low
            return [type(parameter.default)(value), type(parameter.default)((value + parameter.default) / 2)]
        case "switch":
            return [not parameter.default]
        case "choice":
            return [c for c in parameter.choices if c != parameter.default]
        case "curve":
            return [CURVE]
        case "text":
            return ["another_layer"]
    raise AssertionError(f"no values for a parameter of kind {parameter.kind}")


def variants(kind):
    """The filter as declared, and with every parameter at another value."""
    return [kind(), kind(**{p.name: other_values(p)[0] for p in parameters(kind)})]


def context(x=0, y=0, depth=16, other=None):
    return Context(depth=depth, x=x, y=y, other=picture(seed=7) if other is None else other)


def changed(kind, **values):
    return msgspec.structs.replace(kind(), **values)


def test_union_and_list_agree():
    assert reduce(or_, FILTERS) == AnyFilter
    assert set(get_args(AnyFilter)) == set(FILTERS)
    assert len({kind.label for kind in FILTERS}) == len(FILTERS)


@each_filter
def test_one_file_each_named_by_its_tag(kind):
    assert issubclass(kind, Filter)
    assert kind.__module__ == f"retexture.filters.{kind.__struct_config__.tag}"
    assert kind.label
    assert kind.source_note
    declared = [p.name for p in parameters(kind)]
    assert declared == list(kind.__struct_fields__)


@each_parameter
def test_declaration(kind, parameter):
    assert parameter.help.endswith(".")
    assert parameter.default is not None
    if parameter.kind in ("number", "integer"):
        low, high = parameter.slider
        assert parameter.low <= low < high <= parameter.high
        assert low <= parameter.default <= high
    if parameter.kind == "choice":
        assert parameter.default in parameter.choices
    if parameter.name.endswith("_px"):
        assert parameter.unit == "px"


@each_filter
def test_json_round_trip(kind):
    for item in variants(kind):
        text = msgspec.json.encode(item)
        again = msgspec.json.decode(text, type=AnyFilter)
        assert again == item
        assert type(again) is kind
        assert hash(again) == hash(item)
    assert variants(kind)[0] != variants(kind)[1] or not parameters(kind)


@each_number
def test_values_outside_the_hard_range_are_refused(kind, parameter):
    tag = kind.__struct_config__.tag
    for inside, beyond in ((parameter.low, -1), (parameter.high, 1)):
        exact = int(inside) if parameter.kind == "integer" else inside
        accepted = msgspec.json.decode(
            msgspec.json.encode({"type": tag, parameter.name: exact}), type=AnyFilter
        )
        assert getattr(accepted, parameter.name) == inside
        message = msgspec.json.encode({"type": tag, parameter.name: exact + beyond})
        with pytest.raises(msgspec.ValidationError, match=parameter.name):
            msgspec.json.decode(message, type=AnyFilter)


@each_filter
@pytest.mark.parametrize("depth", [8, 16])
def test_result_is_a_new_finite_picture(kind, depth):
    colour, other = picture(), picture(seed=7)
    colour.flags.writeable = other.flags.writeable = False
    before = colour.copy()
    for item in variants(kind):
        result = item.apply(colour, context(depth=depth, other=other))
        assert result.dtype == np.float32
        assert result.shape == colour.shape
        assert np.isfinite(result).all()
        assert result.min() >= -1e-6
        assert result.max() <= 1 + 1e-6
        assert not np.shares_memory(result, colour)
        assert not np.shares_memory(result, other)
        assert result.flags.writeable
    assert np.array_equal(colour, before)


@each_filter
def test_region_equals_whole(kind):
    colour, other = picture(), picture(seed=7)
    _, height, width = colour.shape
    for item in variants(kind):
        reach = item.reach
        assert reach is not None, "the values above are small enough for blocks"

        def region(x, y, w, h, item=item, reach=reach):
            place = context(x - reach, y - reach, other=grown(other, x, y, w, h, reach))
            result = item.apply(grown(colour, x, y, w, h, reach), place)
            return result[:, reach : reach + h, reach : reach + w]

        whole = region(0, 0, width, height)
        for x, y, w, h in (
            (0, 0, 40, 33),
            (37, 21, 50, 41),
            (width - 31, height - 17, 31, 17),
            (53, 44, 1, 1),
        ):
            assert np.abs(region(x, y, w, h) - whole[:, y : y + h, x : x + w]).max() <= 1e-6


@each_filter
def test_reach_is_needed(kind):
    """The control of the test above: without its halo, a region of a filter that looks around itself differs."""
    colour = picture()
    for item in variants(kind):
        whole = item.apply(colour, context())[:, 20:60, 30:80]
        other = picture(seed=7)[:, 20:60, 30:80]
        alone = item.apply(np.ascontiguousarray(colour[:, 20:60, 30:80]), context(30, 20, other=other))
        assert (np.abs(alone - whole).max() > 1e-4) == (item.reach != 0)


@each_filter
def test_pointwise_filters_look_at_one_pixel(kind):
    if not kind.pointwise:
        return
    colour = picture()
    order = np.random.default_rng(3).permutation(colour[0].size)
    shuffled = colour.reshape(3, -1)[:, order].reshape(colour.shape)
    for item in variants(kind):
        assert item.reach == 0
        assert item.reads is None
        expected = item.apply(colour, Context()).reshape(3, -1)[:, order].reshape(colour.shape)
        assert np.array_equal(item.apply(shuffled, Context(x=5, y=9)), expected)


@pytest.mark.slow
@each_parameter
def test_every_parameter_does_something(kind, parameter):
    """From the defaults or among other values: a curve's channel tells once it is bent, a scale with Add alone."""
    colour = picture()
    chosen = [changed(kind, **{p.name: c}) for p in parameters(kind) if p.kind == "choice" for c in p.choices]
    for value in other_values(parameter):
        if parameter.kind == "text":
            assert changed(kind, **{parameter.name: value}).reads == value != kind().reads
            continue
        differences = []
        for start in (*variants(kind), *chosen):
            before = msgspec.structs.replace(start, **{parameter.name: parameter.default})
            after = msgspec.structs.replace(start, **{parameter.name: value})
            differences.append(np.abs(after.apply(colour, context()) - before.apply(colour, context())).max())
        assert max(differences) > 1e-3, value


@each_filter
def test_extremes(kind):
    colour, other = picture(24, 30), picture(24, 30, seed=7)
    numbers = [p for p in parameters(kind) if p.kind in ("number", "integer")]
    cases = [{p.name: type(p.default)(end)} for p in numbers for end in (p.low, p.high)]
    if len(numbers) > 1:
        cases += [
            {p.name: type(p.default)(end(p)) for p in numbers} for end in (lambda p: p.low, lambda p: p.high)
        ]
    for values in cases:
        item = changed(kind, **values)
        for size in (slice(None), slice(1)):
            result = item.apply(colour[:, size, size], context(other=other[:, size, size]))
            assert result.shape == colour[:, size, size].shape
            assert np.isfinite(result).all(), values
            assert result.min() >= -1e-6, values
            assert result.max() <= 1 + 1e-6, values


@each_filter
def test_preview_scales_lengths_only(kind):
    item = variants(kind)[1]
    preview = item.at_level(2)
    for name in kind.__struct_fields__:
        value = getattr(item, name)
        assert getattr(preview, name) == (value / 4 if name in length_fields(kind) else value)
    assert item.at_level(0) == item
    result = preview.apply(picture(), Context(step=4, other=picture(seed=7)))
    assert np.isfinite(result).all()


@each_filter
def test_filters_of_transparency_take_one_plane(kind):
    if not kind.moves_alpha:
        return
    alpha = picture()[:1]
    for item in variants(kind):
        three = item.apply(np.repeat(alpha, 3, 0), Context())
        assert np.array_equal(item.apply(alpha, Context()), three[:1])
