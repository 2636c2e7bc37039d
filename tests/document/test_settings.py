import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.declare import Parameter
from retexture.document.check import check
from retexture.document.document import Document, Link, find
from retexture.document.edits import parameter_paths, parse_setting, replace_layer, set_parameter
from retexture.document.layers import AdjustmentLayer, FillLayer, LayerMask, Range, RasterMask
from retexture.document.pixels import Tiles
from retexture.engine.modes import BlendMode
from retexture.filters.curves import Curves
from tests.document.documents import curves, documents, sample_document, values

DOCUMENT = sample_document(20, 20)
CURVE = AdjustmentLayer(key="curve", name="Curve", adjustment=Curves())
WITH_CURVE = msgspec.structs.replace(DOCUMENT, layers=(*DOCUMENT.layers, CURVE), links=())


def value_at(document: Document, path: str) -> object:
    return next(value for found, _, value in parameter_paths(document) if found == path)


@pytest.mark.parametrize(
    ("path", "value", "get"),
    [
        ("high.opacity", 0.25, lambda d: find(d, "high").opacity),
        ("paint.fill", 0, lambda d: find(d, "paint").fill),
        ("grey.blend_mode", "soft-light", lambda d: find(d, "grey").blend_mode),
        ("base.visible", False, lambda d: find(d, "base").visible),
        ("base.name", "Low", lambda d: find(d, "base").name),
        ("low.gaussian_blur.radius_px", 7.5, lambda d: find(d, "low").filters[0].filter.radius_px),
        ("low.gaussian_blur.enabled", False, lambda d: find(d, "low").filters[0].enabled),
        ("high.mask.enabled", False, lambda d: find(d, "high").mask.enabled),
        ("high.mask.density", 0.5, lambda d: find(d, "high").mask.painted.density),
        ("high.mask.inverted", True, lambda d: find(d, "high").mask.painted.inverted),
        ("high.mask.feather_px", 3.0, lambda d: find(d, "high").mask.painted.feather_px),
        ("high.mask.painted.enabled", False, lambda d: find(d, "high").mask.painted.enabled),
        ("high.mask.skin_tones.density", 0.5, lambda d: find(d, "high").mask.components[0].density),
        ("high.mask.luminosity.kind", "darks", lambda d: find(d, "high").mask.components[1].kind),
        ("high.mask.luminosity_2.power", 3, lambda d: find(d, "high").mask.components[2].power),
        ("high.mask.2.power", 2, lambda d: find(d, "high").mask.components[2].power),
        ("high.blend_if.this.gray", Range(1, 2, 3, 4), lambda d: find(d, "high").blend_if.this.gray),
        ("high.blend_if.underlying.blue", Range(0, 9), lambda d: find(d, "high").blend_if.underlying.blue),
        ("curve.adjustment.points", ((0, 9), (255, 3)), lambda d: find(d, "curve").adjustment.points),
        ("grey.colour", (0.5, 0.25, 1.0), lambda d: find(d, "grey").colour),
        ("grey.colour", None, lambda d: find(d, "grey").colour),
        ("base.x_px", -7, lambda d: find(d, "base").x_px),
        ("base.transform.scale_x", 0.5, lambda d: find(d, "base").transform.scale_x),
        ("base.transform.flip_y", True, lambda d: find(d, "base").transform.flip_y),
        ("base.transform.top_left_x_px", 2.5, lambda d: find(d, "base").transform.top_left_x_px),
    ],
)  # fmt: skip
def test_a_path_sets_its_field_and_nothing_else(path, value, get) -> None:
    after = set_parameter(WITH_CURVE, path, value)
    assert get(after) == value
    canonical = {"high.mask.2.power": "high.mask.luminosity_2.power"}.get(path, path)
    differing = [
        old[0]
        for old, new in zip(parameter_paths(WITH_CURVE), parameter_paths(after), strict=True)
        if old[2] != new[2]
    ]
    assert differing == ([canonical] if get(WITH_CURVE) != value else [])
    check(after)


def test_values_become_the_plain_types_of_their_fields() -> None:
    layer = find(set_parameter(DOCUMENT, "grey.blend_mode", "screen"), "grey")
    assert layer.blend_mode is BlendMode.SCREEN
    assert type(find(set_parameter(DOCUMENT, "grey.opacity", 1), "grey").opacity) is float
    assert value_at(
        set_parameter(DOCUMENT, "high.blend_if.this.red", (1, 2, 3, 4)), "high.blend_if.this.red"
    ) == Range(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("high.opacity", 2, "high.opacity must be 0 to 1, not 2"),
        ("high.opacity", float("nan"), "high.opacity must be 0 to 1, not nan"),
        ("high.opacity", True, "high.opacity must be 0 to 1, not True"),
        ("high.opacity", "1", "high.opacity must be 0 to 1, not '1'"),
        ("high.visible", 1, "high.visible must be on or off, not 1"),
        ("low.gaussian_blur.radius_px", -1, "low.gaussian_blur.radius_px must be 0 to 1000 px, not -1"),
        ("high.mask.luminosity.power", 1.5, "must be a whole number 1 to 3, not 1.5"),
        ("high.mask.luminosity.kind", "greys", "must be one of lights, darks, midtones, range, not 'greys'"),
        ("high.blend_mode", "pass-through", "high.blend_mode must be one of normal"),
        ("high.blend_if.this.gray", (9, 3, 200, 255), "must be black/black|white/white, 0 to 255"),
        ("high.blend_if.this.gray", (0, 0, 255, 300), "must be black/black|white/white, 0 to 255"),
        ("grey.colour", (0, 0, 2), "grey.colour must be neutral or red/green/blue, each 0 to 1"),
        ("grey.colour", (0, 0), "grey.colour must be neutral or red/green/blue"),
        ("curve.adjustment.points", ((9, 0), (3, 255)), "inputs ascending"),
        ("high.opacty", 1, "high.opacty: no such parameter; did you mean high.opacity"),
        ("hihg.opacity", 1, "hihg: no such layer; did you mean high?"),
        ("zzzzz.opacity", 1, "zzzzz: no such layer"),
        ("high", 1, "high: name a parameter of the layer, like high.opacity"),
        ("high.mask.9.power", 1, "high.mask.9.power: no such parameter"),
        ("base.mask.density", 1, "base.mask.density: no such parameter"),
        ("high.source", "picture", "high.source: no such parameter"),
        ("high.apply_image.source", "high", "a layer cannot read itself: high reads high"),
        ("low.name", 5, "low.name must be text, not 5"),
        ("base.transform.scale_x", 0, "base.transform.scale_x must be 0.001 to 100, not 0"),
        ("base.transform.top_left_x_px", 900, "base.transform.top_left_x_px: the corners of a distorted"),
        (
            "high.apply_image.source",
            "lwo",
            "high.apply_image reads lwo, which is no layer; did you mean low?",
        ),
        ("high.apply_image.source", "invert", "high.apply_image reads invert, an adjustment layer"),
        ("high.apply_image.source", "", "high.apply_image reads nothing, which is no layer"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_reason(path, value, message) -> None:
    with pytest.raises(ValueError) as error:
        set_parameter(WITH_CURVE, path, value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("high.opacity=0.5", ("high.opacity", 0.5)),
        (" high.opacity = 0.5 ", ("high.opacity", 0.5)),
        ("high.visible=off", ("high.visible", False)),
        ("high.blend_mode=soft-light", ("high.blend_mode", BlendMode.SOFT_LIGHT)),
        ("high.blend_if.this.gray=31/82|173/224", ("high.blend_if.this.gray", Range(31, 82, 173, 224))),
        ("high.mask.luminosity.power=2", ("high.mask.luminosity.power", 2)),
        ("grey.colour=neutral", ("grey.colour", None)),
        ("grey.colour=0.5/0/1", ("grey.colour", (0.5, 0.0, 1.0))),
        ("grey.name=a=b", ("grey.name", "a=b")),
        ("curve.adjustment.points=0/0 128/140 255/255",
         ("curve.adjustment.points", ((0, 0), (128, 140), (255, 255)))),
    ],
)  # fmt: skip
def test_settings_are_read_from_text(text, expected) -> None:
    assert parse_setting(WITH_CURVE, text) == expected
    assert value_at(set_parameter(WITH_CURVE, *expected), expected[0]) == expected[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("high.opacity", "a setting is written path=value"),
        ("=3", "no such layer"),
        ("high.opacity=much", "high.opacity must be 0 to 1, not 'much'"),
        ("high.opacity=3", "high.opacity must be 0 to 1, not 3"),
        ("high.visible=perhaps", "high.visible must be on or off"),
        ("high.blend_if.this.gray=9", "high.blend_if.this.gray: a Blend-If range is written 31/82|173/224"),
        ("grey.colour=red", "grey.colour must be neutral or red/green/blue, each 0 to 1, not 'red'"),
        ("grey.colour=1/2/3", "grey.colour must be neutral or red/green/blue"),
        ("high.blend_mode=pass-through", "high.blend_mode must be one of"),
        ("curve.adjustment.points=0/0", "curve.adjustment.points must be 2 to 16 points"),
        ("high.opasity=1", "did you mean high.opacity"),
    ],
)
def test_text_that_is_no_setting_is_refused_with_the_reason(text, message) -> None:
    with pytest.raises(ValueError) as error:
        parse_setting(WITH_CURVE, text)
    assert message in str(error.value)


@pytest.mark.slow
@settings(max_examples=25)
@given(documents())
def test_every_listed_path_is_unique_and_takes_its_own_value(document: Document) -> None:
    listed = parameter_paths(document)
    assert len({path for path, _, _ in listed}) == len(listed)
    for path, parameter, value in listed:
        assert isinstance(parameter, Parameter)
        assert parameter.help
        assert set_parameter(document, path, value) == document


@pytest.mark.slow
@settings(max_examples=50)
@given(documents().filter(lambda d: d.layers), st.data())
def test_any_value_in_range_can_be_set_on_any_path(document: Document, data: st.DataObject) -> None:
    # Corners that cross are refused, whatever range their offsets have.
    free = [p for p in parameter_paths(document) if p[1].name != "source" and "corner" not in p[1].help]
    path, parameter, _ = data.draw(st.sampled_from(free))
    drawn = st.none() if parameter.name in ("colour", "warp") else values(parameter)
    value = data.draw(drawn)
    after = set_parameter(document, path, value)
    assert value_at(after, path) == value
    check(after)


@given(curves())
def test_curves_read_what_they_are_written_as(points) -> None:
    text = " ".join(f"{x!r}/{y!r}" for x, y in points)
    assert parse_setting(WITH_CURVE, f"curve.adjustment.points={text}")[1] == points


# -- the warp


BENT = tuple((float(i), -2.5 * i) for i in range(16))


def test_a_warp_is_set_and_taken_off_by_its_path() -> None:
    path = next(p for p, parameter, _ in parameter_paths(DOCUMENT) if parameter.name == "warp")
    text = " ".join(f"{x}/{y}" for x, y in BENT)
    assert parse_setting(DOCUMENT, f"{path}={text}") == (path, BENT)
    after = set_parameter(DOCUMENT, path, BENT)
    check(after)
    assert value_at(after, path) == BENT
    assert set_parameter(after, *parse_setting(after, f"{path}=none")) == DOCUMENT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0/0 1/1", "a warp has 16 control points, not 2"),
        ("flat", "none, or 16 offsets across/down"),
        ("1/2/3 " * 16, "none, or 16 offsets across/down"),
        (" ".join(["nan/0"] * 16), "out of reach"),
    ],
)
def test_what_is_no_warp_is_refused(text: str, words: str) -> None:
    path = next(p for p, parameter, _ in parameter_paths(DOCUMENT) if parameter.name == "warp")
    with pytest.raises(ValueError, match=words):
        parse_setting(DOCUMENT, f"{path}={text}")


# -- links


def linked(*links: tuple[str, str]) -> Document:
    return msgspec.structs.replace(DOCUMENT, links=tuple(Link(*link) for link in links))


def test_a_leader_sets_its_followers_and_theirs() -> None:
    document = linked(("high.opacity", "paint.opacity"), ("paint.opacity", "grey.opacity"))
    after = set_parameter(document, "high.opacity", 0.125)
    assert [find(after, key).opacity for key in ("high", "paint", "grey", "base")] == [0.125, 0.125, 0.125, 1]
    after = set_parameter(document, "paint.opacity", 0.125)
    assert [find(after, key).opacity for key in ("high", "paint", "grey")] == [1, 0.125, 0.125]


def test_a_circle_of_links_ends() -> None:
    document = linked(("high.opacity", "paint.opacity"), ("paint.opacity", "high.opacity"))
    after = set_parameter(document, "paint.opacity", 0.125)
    assert [find(after, key).opacity for key in ("high", "paint")] == [0.125, 0.125]


def test_a_number_of_a_component_leads_like_its_name() -> None:
    document = linked(("high.mask.luminosity.density", "paint.opacity"))
    assert find(set_parameter(document, "high.mask.1.density", 0.125), "paint").opacity == 0.125


def test_a_follower_that_cannot_take_the_value_refuses_it() -> None:
    document = linked(("low.gaussian_blur.radius_px", "paint.opacity"))
    with pytest.raises(ValueError, match=r"paint\.opacity must be 0 to 1, not 7"):
        set_parameter(document, "low.gaussian_blur.radius_px", 7)


# -- names of components


def test_components_of_one_name_are_numbered() -> None:
    tiles = Tiles(20, 20)
    names = ("Skin", "skin", "painted", "", "")
    mask = LayerMask(components=tuple(RasterMask(tiles, name) for name in names))
    layer = FillLayer(key="fill", name="Fill", mask=mask)
    document = Document(width_px=20, height_px=20, layers=(layer,))
    found = [path for path, _, _ in parameter_paths(document) if path.endswith(".density")]
    assert found == [f"fill.mask.{n}.density" for n in ("skin", "skin_2", "painted_2", "raster", "raster_2")]


def test_a_filter_reading_another_layer_lets_go_of_the_hidden_one() -> None:
    from retexture.document.edits import delete_layer

    document = delete_layer(DOCUMENT, "low")
    assert [layer.key for layer in document.hidden] == ["low"]
    after = set_parameter(document, "high.apply_image.source", "base")
    assert after.hidden == ()


def test_replacing_keeps_the_key() -> None:
    with pytest.raises(ValueError, match="a layer keeps its key"):
        replace_layer(DOCUMENT, "grey", FillLayer(key="other", name="Grey"))
