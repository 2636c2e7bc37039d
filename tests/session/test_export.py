"""Exported pictures: what is in them, how large they are guessed to be, and what a cancelled one leaves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import cv2
import msgspec
import numpy as np
import pytest
from imagecodecs import cms_profile

from retexture.declare import parameters
from retexture.document.document import Document, Source
from retexture.document.layers import PixelLayer, smart
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files import images
from retexture.files.colour import convert, same_profile, srgb_icc
from retexture.files.images import as_depth, read_image
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.cache import Cache
from retexture.render.render import Cancelled, flatten
from retexture.session.export import ExportSettings, estimate_bytes, export, export_path, output_size
from tests.document.documents import DTYPES, sample_document, samples

DOCUMENT = sample_document()


def picture_document(
    colour: np.ndarray, alpha: np.ndarray | None = None, *, mode: Literal["rgb", "grey"] = "rgb", **more: Any
) -> Document:
    source = Source("s", "s", Pixels(colour), None if alpha is None else Pixels(alpha))
    depth = {name: depth for depth, name in DTYPES.items()}[colour.dtype.name]
    return Document(
        width_px=colour.shape[2],
        height_px=colour.shape[1],
        depth=depth,  # type: ignore[arg-type]
        mode=mode,
        layers=(PixelLayer(key="l", name="l", source="s"),),
        sources=(source,),
        **more,
    )


def portrait(width: int = 1500, height: int = 1100, dtype: str = "uint16") -> np.ndarray:
    """Light and shade, with texture that is strong in some places and weak in others, as in photographs."""
    rng = np.random.default_rng(8)
    size = (width, height)
    colour = cv2.resize(rng.random((6, 8, 3), np.float32) * 0.6 + 0.2, size, interpolation=cv2.INTER_CUBIC)
    strength = cv2.resize(rng.random((4, 5), np.float32) ** 2 * 0.05, size)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.8)
    colour = colour + (grain * strength)[..., None]
    white = 1 if dtype == "float32" else np.iinfo(dtype).max
    scaled = np.clip(colour, 0, 1) * np.float32(white)
    return np.ascontiguousarray(scaled.astype(dtype).transpose(2, 0, 1))


# -- what is in the file


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_as_it_is_an_export_equals_the_render(tmp_path: Path, dtype: str):
    document = picture_document(samples((3, 50, 60), dtype), samples((50, 60), dtype, seed=4))
    document = msgspec.structs.replace(document, icc=srgb_icc())
    blurred = msgspec.structs.replace(document.layers[0], filters=smart(GaussianBlur(radius_px=2)))
    document = msgspec.structs.replace(document, layers=(blurred,))
    assert export(document, tmp_path / "a.tif", ExportSettings()) == ()
    colour, alpha = flatten(document)
    read = read_image(tmp_path / "a.tif")
    assert read.colour.dtype == dtype
    assert np.array_equal(read.colour, colour)
    assert alpha is not None
    assert read.alpha is not None
    assert np.array_equal(read.alpha, alpha)
    assert read.icc == document.icc


@pytest.mark.parametrize(
    "settings",
    [
        ExportSettings(format="png"),
        ExportSettings(compression="lzw"),
        ExportSettings(compression="deflate"),
        ExportSettings(compression="zstd"),
    ],
)
def test_every_lossless_format_equals_the_render(tmp_path: Path, settings: ExportSettings):
    path = export_path(tmp_path / "a", settings)
    export(DOCUMENT, path, settings)
    assert np.array_equal(read_image(path).colour, flatten(DOCUMENT)[0])


@pytest.mark.parametrize(("depth", "dtype"), [("8", np.uint8), ("16", np.uint16), ("32", np.float32)])
def test_depth_is_as_asked(tmp_path: Path, depth: Literal["8", "16", "32"], dtype: Any):
    export(DOCUMENT, tmp_path / "a.tif", ExportSettings(depth=depth))
    read = read_image(tmp_path / "a.tif").colour
    assert read.dtype == dtype
    assert np.array_equal(read, as_depth(flatten(DOCUMENT)[0], int(depth)))


def test_what_a_format_cannot_hold_is_told(tmp_path: Path):
    (note,) = export(DOCUMENT, tmp_path / "a.png", ExportSettings(format="png", depth="32"))
    assert "PNG holds 16 bits per channel" in note
    assert export(DOCUMENT, tmp_path / "a.jpg", ExportSettings(format="jpeg")) == ()  # as its help says
    see_through = picture_document(samples((3, 5, 6)), samples((5, 6)))
    (note,) = export(see_through, tmp_path / "b.jpg", ExportSettings(format="jpeg"))
    assert note == "JPEG holds no transparency; it is left out"


def test_quality_is_that_of_the_jpeg(tmp_path: Path):
    document = picture_document(portrait(300, 200))
    for quality in (30, 100):
        export(document, tmp_path / f"{quality}.jpg", ExportSettings(format="jpeg", quality=quality))
    assert (tmp_path / "100.jpg").stat().st_size > 4 * (tmp_path / "30.jpg").stat().st_size
    error = np.abs(read_image(tmp_path / "100.jpg").colour / 255 - flatten(document)[0] / 65535)
    assert error.max() < 0.03


def test_colours_are_converted_to_srgb(tmp_path: Path):
    adobe = cms_profile("adobergb")
    document = picture_document(portrait(60, 40), icc=adobe)
    export(document, tmp_path / "a.tif", ExportSettings(profile="srgb"))
    read = read_image(tmp_path / "a.tif")
    assert same_profile(read.icc, None)
    assert np.array_equal(read.colour, convert(flatten(document)[0], adobe, None))
    assert not np.array_equal(read.colour, flatten(document)[0])
    export(document, tmp_path / "b.tif", ExportSettings())
    assert read_image(tmp_path / "b.tif").icc == adobe


def test_a_document_in_srgb_says_so_in_the_file(tmp_path: Path):
    export(DOCUMENT, tmp_path / "a.tif", ExportSettings(profile="srgb"))
    read = read_image(tmp_path / "a.tif")
    assert read.icc == srgb_icc()
    assert np.array_equal(read.colour, flatten(DOCUMENT)[0])


@pytest.mark.parametrize("profile", ["document", "srgb"])
def test_grey_documents_are_exported(tmp_path: Path, profile: Literal["document", "srgb"]):
    document = picture_document(samples((1, 30, 40)), mode="grey")
    export(document, tmp_path / "a.tif", ExportSettings(profile=profile))
    read = read_image(tmp_path / "a.tif")
    assert np.array_equal(read.colour[:1], flatten(document)[0])
    settings = ExportSettings(format="png", profile=profile)
    export(document, tmp_path / "a.png", settings)
    assert estimate_bytes(document, settings) == pytest.approx((tmp_path / "a.png").stat().st_size, rel=0.2)


def test_metadata_is_kept_or_stripped(tmp_path: Path):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a/></x:xmpmeta>'
    document = msgspec.structs.replace(DOCUMENT, metadata={"xmp": xmp})
    export(document, tmp_path / "kept.tif", ExportSettings())
    export(document, tmp_path / "stripped.tif", ExportSettings(metadata="strip"))
    assert read_image(tmp_path / "kept.tif").metadata == {"xmp": xmp}
    assert read_image(tmp_path / "stripped.tif").metadata == {}


def test_a_smaller_picture_is_an_average(tmp_path: Path):
    colour = samples((3, 60, 90))
    settings = ExportSettings(long_edge_px=30)
    export(picture_document(colour), tmp_path / "a.tif", settings)
    read = read_image(tmp_path / "a.tif").colour
    blocks = colour.reshape(3, 20, 3, 30, 3).astype(float).mean((2, 4))
    assert read.shape == (3, 20, 30)
    assert np.abs(read - blocks).max() <= 0.51


def test_transparent_colours_do_not_show_in_a_smaller_picture(tmp_path: Path):
    colour = np.zeros((3, 4, 4), np.uint16)
    colour[:, :, ::2] = 65535
    alpha = np.zeros((4, 4), np.uint16)
    alpha[:, ::2] = 65535  # white stripes, and black ones that are not seen
    export(picture_document(colour, alpha), tmp_path / "a.tif", ExportSettings(long_edge_px=2))
    read = read_image(tmp_path / "a.tif")
    assert (read.colour == 65535).all()
    assert read.alpha is not None
    assert (read.alpha == 32768).all()


@pytest.mark.parametrize(
    ("edge", "size"), [(0, (300, 270)), (100, (100, 90)), (1, (1, 1)), (300, (300, 270)), (9000, (300, 270))]
)
def test_a_picture_is_never_enlarged(edge: int, size: tuple[int, int]):
    assert output_size(DOCUMENT, ExportSettings(long_edge_px=edge)) == size


# -- names


def test_paths_get_the_formats_suffix():
    jpeg = ExportSettings(format="jpeg")
    assert export_path(Path("a"), jpeg) == Path("a.jpg")
    assert export_path(Path("a.JPEG"), jpeg) == Path("a.JPEG")
    assert export_path(Path("a.tif"), jpeg) == Path("a.jpg")
    assert export_path(Path("a.retexture"), jpeg) == Path("a.jpg")
    assert export_path(Path("v1.2"), jpeg) == Path("v1.2.jpg")


def test_a_name_of_another_format_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"is not named as a JPEG; let the name end in \.jpg"):
        export(DOCUMENT, tmp_path / "a.tif", ExportSettings(format="jpeg"))


def test_an_existing_file_is_replaced_only_when_told(tmp_path: Path):
    (tmp_path / "a.tif").write_text("old")
    with pytest.raises(InputError, match="exists already"):
        export(DOCUMENT, tmp_path / "a.tif", ExportSettings(), progress=lambda *_: pytest.fail("rendered"))
    export(DOCUMENT, tmp_path / "a.tif", ExportSettings(), overwrite=True)
    read_image(tmp_path / "a.tif")


def test_settings_are_declared_for_panels():
    declared = {parameter.name: parameter for parameter in parameters(ExportSettings)}
    assert list(declared) == list(ExportSettings.__struct_fields__)
    assert declared["compression"].choices == ("none", "lzw", "deflate", "zstd")
    assert all(parameter.help for parameter in declared.values())


# -- progress and cancelling


def test_progress_ends_before_the_file_is_in_its_place(tmp_path: Path):
    told = []

    def progress(done: int, total: int) -> None:
        assert not (tmp_path / "a.tif").exists()
        told.append(done / total)

    export(DOCUMENT, tmp_path / "a.tif", ExportSettings(), progress=progress)
    assert told == sorted(told)
    assert told[-1] <= 1


@pytest.mark.parametrize("when", ["at once", "after rendering", "after encoding"])
def test_a_cancelled_export_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str):
    (tmp_path / "a.png").write_text("old")
    events = {"at once"}

    def noted(event: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*arguments: Any, **options: Any) -> Any:
            result = function(*arguments, **options)
            events.add(event)
            return result

        return noting

    monkeypatch.setattr("retexture.session.export.flatten", noted("after rendering", flatten))
    monkeypatch.setattr(images.png, "write_png", noted("after encoding", images.png.write_png))
    settings = ExportSettings(format="png")
    with pytest.raises(Cancelled):
        export(DOCUMENT, tmp_path / "a.png", settings, overwrite=True, cancelled=lambda: when in events)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_text() == "old"


# -- the estimate

PORTRAIT = picture_document(portrait(), icc=srgb_icc(), metadata={"xmp": b"<x/>" * 500})


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        ExportSettings(),
        ExportSettings(compression="deflate"),
        ExportSettings(compression="zstd", depth="32"),
        ExportSettings(compression="lzw", depth="8"),
        ExportSettings(format="png", metadata="strip"),
        ExportSettings(format="png", long_edge_px=700),
        ExportSettings(format="jpeg"),
        ExportSettings(format="jpeg", quality=60, profile="srgb"),
        ExportSettings(format="jpeg", long_edge_px=400),
    ],
)
def test_the_estimate_is_within_a_fifth(tmp_path: Path, settings: ExportSettings):
    path = export_path(tmp_path / "a", settings)
    export(PORTRAIT, path, settings)
    assert estimate_bytes(PORTRAIT, settings) == pytest.approx(path.stat().st_size, rel=0.2)


@pytest.mark.slow
def test_of_a_large_picture_a_part_is_encoded(tmp_path: Path):
    document = picture_document(portrait(4200, 3000, "uint8"))
    blocks = []
    settings = ExportSettings(format="jpeg")
    guessed = estimate_bytes(document, settings, progress=lambda done, total: blocks.append(total))
    assert len(blocks) == blocks[0] <= 24
    export(document, tmp_path / "a.jpg", settings)
    assert guessed == pytest.approx((tmp_path / "a.jpg").stat().st_size, rel=0.2)


@pytest.mark.parametrize("width", [513, 600, 1])
def test_a_narrow_rest_of_a_block_does_not_spoil_the_estimate(tmp_path: Path, width: int):
    document = picture_document(samples((3, 300, width)), samples((300, width)))
    settings = ExportSettings(format="png")
    export(document, tmp_path / "a.png", settings)
    assert estimate_bytes(document, settings) == pytest.approx((tmp_path / "a.png").stat().st_size, rel=0.2)


def test_the_estimate_uses_the_cache_and_is_cancelled():
    blurred = msgspec.structs.replace(DOCUMENT.layers[1], filters=smart(GaussianBlur(radius_px=3)))
    document = msgspec.structs.replace(DOCUMENT, layers=(blurred,))
    cache = Cache(64 << 20)
    estimate_bytes(document, ExportSettings(), cache=cache)
    assert cache.used_bytes > 0
    with pytest.raises(Cancelled):
        estimate_bytes(document, ExportSettings(), cancelled=lambda: True)
