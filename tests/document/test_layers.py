import msgspec
import pytest
from hypothesis import given

from retexture.document.layers import FULL, FillLayer, Range, Sliders, smart
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert
from tests.document.documents import ranges


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31/82|173/224", Range(31, 82, 173, 224)),
        ("31|224", Range(31, 31, 224, 224)),
        ("0|173/224", Range(0, 0, 173, 224)),
        ("0.5/1.5|2/255", Range(0.5, 1.5, 2, 255)),
    ],
)
def test_a_range_is_read_split_and_unsplit(text: str, expected: Range) -> None:
    assert Range.parse(text) == expected
    assert Range.parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "31", "31,224", "82/31|173/224", "31/82|224/173", "-1|255", "0|256", "1/2/3|4", "a|b", "nan|255"],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Blend-If range"):
        Range.parse(text)


@given(ranges())
def test_a_range_reads_its_own_json(value: Range) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=Range) == value


def test_only_the_full_range_is_full() -> None:
    assert FULL.is_full
    assert not Range(0, 1, 255, 255).is_full
    assert Sliders().is_full
    assert not any(Sliders(**{name: Range(1, 1)}).is_full for name in ("gray", "red", "green", "blue"))


def test_smart_filters_are_named_by_their_type() -> None:
    found = smart(GaussianBlur(), Invert(), GaussianBlur(radius_px=2), enabled=False)
    assert [f.key for f in found] == ["gaussian_blur", "invert", "gaussian_blur_2"]
    assert [f.filter for f in found] == [GaussianBlur(), Invert(), GaussianBlur(radius_px=2)]
    assert not any(f.enabled for f in found)


def test_layers_are_immutable() -> None:
    layer = FillLayer(key="fill", name="Fill")
    with pytest.raises(AttributeError):
        layer.opacity = 0.5  # type: ignore[misc]
