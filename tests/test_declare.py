from enum import StrEnum
from typing import Annotated, Literal

import msgspec
import pytest

from retexture.declare import curve, describe_range, described, number, parameters, parse


class Fruit(StrEnum):
    APPLE = "apple"
    PEAR = "pear"


class Range(msgspec.Struct, frozen=True, array_like=True):
    low: float = 0
    high: float = 255


class Example(msgspec.Struct, frozen=True):
    undeclared: int
    radius_px: Annotated[float, number(0.1, 1000, slider=(0.5, 20), unit="px", help="How far.")] = 10.0
    seed: Annotated[int, number(0, 99, help="Which.")] = 7
    on: Annotated[bool, described("Whether.")] = True
    way: Annotated[Literal["up", "down"], described("Where to.")] = "up"
    fruit: Annotated[Fruit, described("What.")] = Fruit.PEAR
    name: Annotated[str, described("Who.")] = "x"
    range: Annotated[Range, described("Between.")] = Range()
    points: Annotated[tuple[tuple[float, float], ...], curve("Through.")] = ((0, 0), (255, 255))
    limited: Annotated[int, msgspec.Meta(ge=0)] = 0


class Named(msgspec.Struct, frozen=True):
    size_px: Annotated[
        float, number(0, 9, unit="px", title="Size of all", lowest="Measured", help="How large.")
    ] = 0.0
    kept: Annotated[bool, described("Whether.", title="Keep it")] = True


FOUND = {p.name: p for p in parameters(Example)}


def test_declared_fields_in_order():
    assert list(FOUND) == ["radius_px", "seed", "on", "way", "fruit", "name", "range", "points"]
    kinds = ["number", "integer", "switch", "choice", "choice", "text", "range", "curve"]
    assert [p.kind for p in FOUND.values()] == kinds
    assert [p.default for p in FOUND.values()] == [
        10.0,
        7,
        True,
        "up",
        Fruit.PEAR,
        "x",
        Range(),
        ((0, 0), (255, 255)),
    ]
    helps = ["How far.", "Which.", "Whether.", "Where to.", "What.", "Who.", "Between.", "Through."]
    assert [p.help for p in FOUND.values()] == helps


def test_ranges_and_units():
    radius, seed = FOUND["radius_px"], FOUND["seed"]
    assert (radius.low, radius.high, radius.slider, radius.unit) == (0.1, 1000, (0.5, 20), "px")
    assert (seed.low, seed.high, seed.slider, seed.unit) == (0, 99, (0, 99), "")
    assert FOUND["on"].slider is None
    assert FOUND["way"].choices == ("up", "down")
    assert FOUND["fruit"].choices == ("apple", "pear")


def test_what_people_call_it():
    size, kept = parameters(Named)
    assert (size.title, size.lowest, describe_range(size)) == (
        "Size of all",
        "Measured",
        "0 to 9 px; 0 is measured",
    )
    assert (kept.title, kept.lowest) == ("Keep it", "")
    assert (FOUND["radius_px"].title, FOUND["radius_px"].lowest) == ("", "")


def test_declaration_binds_json():
    assert msgspec.json.decode(b'{"undeclared":1,"radius_px":1000}', type=Example).radius_px == 1000
    for wrong in ('"radius_px":1000.5', '"seed":100', '"seed":1.5', '"points":[[0,0]]'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(f'{{"undeclared":1,{wrong}}}', type=Example)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("radius_px", "2.5", 2.5),
        ("radius_px", "0.1", 0.1),
        ("radius_px", "1e3", 1000.0),
        ("seed", "99", 99),
        ("on", "off", False),
        ("on", "True", True),
        ("way", "down", "down"),
        ("fruit", "apple", "apple"),
        ("name", "anyone at all", "anyone at all"),
        ("range", "10/20|200/240", "10/20|200/240"),
        ("points", "0/0 128/140.5 255/255", ((0.0, 0.0), (128.0, 140.5), (255.0, 255.0))),
    ],
)
def test_parse(name, text, value):
    parsed = parse(FOUND[name], text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("radius_px", "0.09"),
        ("radius_px", "1000.1"),
        ("radius_px", "wide"),
        ("radius_px", "nan"),
        ("radius_px", "inf"),
        ("seed", "1.5"),
        ("seed", "100"),
        ("on", "perhaps"),
        ("way", "left"),
        ("fruit", "Apple"),
        ("points", ""),
        ("points", "0/0"),
        ("points", "0/0 255"),
        ("points", "0/0 0/255"),
        ("points", "255/0 0/255"),
        ("points", "0/0 256/255"),
        ("points", "0/0 nan/255"),
        ("points", "0/0 x/255"),
        ("points", " ".join(f"{i}/{i}" for i in range(17))),
    ],
)
def test_wrong_text_is_refused_in_one_line_that_says_what_is_wanted(name, text):
    with pytest.raises(ValueError) as caught:
        parse(FOUND[name], text)
    message = str(caught.value)
    assert message.startswith(f"{name} must be {describe_range(FOUND[name])}, not ")
    assert text in message
    assert "\n" not in message


def test_describe_range():
    described_ranges = {name: describe_range(p) for name, p in FOUND.items()}
    assert described_ranges == {
        "radius_px": "0.1 to 1000 px",
        "seed": "a whole number 0 to 99",
        "on": "on or off",
        "way": "one of up, down",
        "fruit": "one of apple, pear",
        "name": "text",
        "range": "black/black|white/white, 0 to 255",
        "points": "2 to 16 points input/output, 0 to 255, inputs ascending, as 0/0 128/140 255/255",
    }
