import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, Source
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files.colour import srgb_icc
from retexture.files.project import read_project, write_project
from retexture.files.schema import MIGRATIONS, VERSION
from tests.document.documents import sample_document
from tests.files.test_project import assert_same

DOCUMENT = sample_document()


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    document = msgspec.structs.replace(DOCUMENT, icc=srgb_icc(), metadata={"xmp": b"<x/>"})
    write_project(tmp_path / "saved.retexture", document)
    return tmp_path / "saved.retexture"


def with_json(saved: Path, change: Callable[[Any], Any]) -> Path:
    files = members(saved)
    content = json.loads(files["document.json"])
    changed = change(content)
    files["document.json"] = json.dumps(content if changed is None else changed).encode()
    return zipped(saved.with_name("changed.retexture"), files)


def refused(path: Path) -> str:
    with pytest.raises(InputError) as error:
        read_project(path)
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text


def test_an_older_version_is_migrated(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if version 0 had called the layers' names titles."""

    def older(content: dict[str, Any]) -> None:
        content["version"] = 0
        for layer in content["document"]["layers"]:
            layer["title"] = layer.pop("name")

    def migrate(content: dict[str, Any]) -> dict[str, Any]:
        layers = [{**layer, "name": layer["title"]} for layer in content["document"]["layers"]]
        return {**content, "document": {**content["document"], "layers": layers}}

    path = with_json(saved, older)
    assert "there has never been a file version 0" in refused(path)
    monkeypatch.setitem(MIGRATIONS, 0, migrate)
    assert read_project(path) == read_project(saved)


def test_every_version_since_the_first_is_migrated() -> None:
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


def test_version_1_without_links_is_read(saved: Path) -> None:
    def first(content: dict[str, Any]) -> None:
        assert content.pop("linked") == []
        content["version"] = 1

    assert_same(read_project(with_json(saved, first)), read_project(saved))


def test_version_2_without_a_selection_is_read(saved: Path) -> None:
    def second(content: dict[str, Any]) -> None:
        assert content["document"].pop("selection") is None
        content["version"] = 2

    assert_same(read_project(with_json(saved, second)), read_project(saved))


def test_a_newer_version_asks_for_an_update(saved: Path) -> None:
    text = refused(with_json(saved, lambda c: c.update(version=VERSION + 1)))
    assert f"file version {VERSION + 1}; this one reads {VERSION}" in text
    assert text.endswith("update Retexture")


def test_fields_of_later_programs_are_passed_over(saved: Path) -> None:
    path = with_json(saved, lambda c: c["document"]["layers"][0].update(colour_label="red"))
    assert read_project(path) == read_project(saved)


# -- bad files


def test_what_is_no_project_is_named(tmp_path: Path, saved: Path) -> None:
    (tmp_path / "text.retexture").write_text("text")
    (tmp_path / "empty.retexture").write_bytes(b"")
    (tmp_path / "folder.retexture").mkdir()
    assert "does not exist" in refused(tmp_path / "none.retexture")
    assert "is no Retexture project" in refused(tmp_path / "text.retexture")
    assert "is no Retexture project" in refused(tmp_path / "empty.retexture")
    assert "is no ordinary file" in refused(tmp_path / "folder.retexture")
    other = zipped(tmp_path / "other.retexture", {"mimetype": b"image/openraster"})
    assert "is a zip file, but no Retexture project" in refused(other)
    assert "is no Retexture project" in refused(with_json(saved, lambda c: c.update(format="other")))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may read everything")
def test_a_file_that_may_not_be_read_is_named(saved: Path) -> None:
    saved.chmod(0)
    assert "may not be read" in refused(saved)


def _document(key: str, value: Any) -> Callable[[Any], None]:
    return lambda c: c["document"].__setitem__(key, value)


def _layer(index: int, **values: Any) -> Callable[[Any], None]:
    return lambda c: c["document"]["layers"][index].update(values)


def _array(**values: Any) -> Callable[[Any], None]:
    return lambda c: c["pixels"][0].update(values)


def _frame(size: Any, digest: Any) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        old = content["pixels"][0]["frames"][0]
        content["pixels"][0]["frames"] = [[size(old[0]), digest(old[1])]]

    return change


def _unknown_tile(content: Any) -> None:
    content["document"]["layers"][0]["layers"][1]["tiles"]["tiles"][0][2] = "unknown"


def _two_tilings(content: Any) -> None:
    paint = content["document"]["layers"][0]["layers"][1]
    copy = {**paint, "key": "copy", "tiles": {**paint["tiles"], "tiles": []}}
    content["document"]["layers"].append(copy)


def _nested(content: Any) -> None:
    layer: Any = {"type": "group", "key": "g", "name": "g"}
    for i in range(200):
        layer = {"type": "group", "key": f"g{i}", "name": "g", "layers": [layer]}
    content["document"]["layers"] = [layer]


WRONG_JSON: dict[str, tuple[Callable[[Any], Any], str]] = {
    "not an object": (lambda _: [1], "Expected `object`, got `array`"),
    "no version": (lambda c: {"format": "retexture"}, "missing required field `version`"),
    "version of text": (lambda c: c.update(version="1"), "Expected `int`, got `str` - at `$.version`"),
    "negative version": (lambda c: c.update(version=-1), "there has never been a file version -1"),
    "no document": (lambda c: {"format": "retexture", "version": 1}, "missing required field `document`"),
    "opacity of text": (
        _layer(1, opacity="full"),
        "Expected `float`, got `str` - at `$.document.layers[1].opacity`",
    ),
    "opacity out of range": (_layer(1, opacity=7), "`float` <= 1.0 - at `$.document.layers[1].opacity`"),
    "unknown kind": (_layer(1, type="hologram"), "Invalid value 'hologram' - at `$.document.layers[1].type`"),
    "unknown mode": (_layer(1, blend_mode="glow"), "Invalid enum value 'glow'"),
    "unknown filter": (
        lambda c: c["document"]["layers"][1]["filters"][0]["filter"].update(type="magic"),
        "Invalid value 'magic'",
    ),
    "depth": (_document("depth", 12), "Invalid enum value 12 - at `$.document.depth`"),
    "depth of another": (_document("depth", 8), "source picture: its colour is uint16, not uint8"),
    "mode of another": (_document("mode", "grey"), "is no shape of a grey picture"),
    "size of another": (_document("width_px", 301), "do not fit the canvas"),
    "no canvas": (_document("width_px", 0), "has no pixels (0 x 270)"),
    "huge canvas": (_document("width_px", 10**8), "over the limit of 300 megapixels"),
    "canvas of a fraction": (_document("width_px", 1.5), "Expected `int`, got `float`"),
    "no source": (_document("sources", []), "base shows the source picture, which does not exist"),
    "twice a key": (_layer(1, key="group"), "group is the key of more than one layer"),
    "circle": (
        lambda c: c["document"]["layers"][2]["filters"][0]["filter"].update(source="high"),
        "a layer cannot read itself",
    ),
    "read of nothing": (
        lambda c: c["document"]["layers"][2]["filters"][0]["filter"].update(source="none"),
        "reads none, which is no layer",
    ),
    "link to nothing": (
        _document("links", [{"leader": "a.opacity", "follower": "b.opacity"}]),
        "no such layer",
    ),
    "unknown tile": (
        _unknown_tile,
        "there are no pixels unknown - at `$.document.layers[0].layers[1].tiles`",
    ),
    "two tilings of one id": (_two_tilings, "there are two tilings of the id"),
    "nesting": (_nested, "groups are nested more than 64 deep"),
    "id out of the file": (_array(id="../../etc/passwd"), "matching regex"),
    "unknown id": (_array(id="other"), "There is no item named 'pixels/other' in the archive"),
    "twice an array": (lambda c: c["pixels"].append(c["pixels"][0]), "are there twice"),
    "no arrays": (lambda c: c.update(pixels=[]), "there are no pixels"),
    "huge array": (_array(shape=[3, 10**6, 10**6]), "over the limit of 300 megapixels"),
    "many large arrays": (
        lambda c: c["pixels"].extend({**c["pixels"][0], "shape": [4, 17000, 17000]} for _ in range(8)),
        "GB of pixels, over the limit of",
    ),
    "channels": (_array(shape=[10**9, 1, 1]), "claims pixels of 1000000000 channels"),
    "empty array": (_array(shape=[3, 0, 300]), "has no pixels (300 x 0)"),
    "negative array": (_array(shape=[3, -1, 300]), "Expected `int` >= 0"),
    "flat array": (_array(shape=[81000]), "Expected `array` of length >= 2 - at `$.pixels[0].shape`"),
    "larger array": (_array(shape=[3, 271, 300]), "is damaged"),
    "smaller array": (_array(shape=[3, 269, 300]), "is damaged"),
    "turned array": (_array(shape=[3, 300, 270]), "the pixels are not those that were saved"),
    "dtype of an array": (
        _array(dtype="float32", shape=[3, 135, 300]),
        "the pixels are not those that were saved",
    ),
    "dtype that no document has": (_array(dtype="object"), "Invalid enum value 'object'"),
    "no frames": (_array(frames=[]), "has another size than its pixels"),
    "size of a frame": (_frame(lambda n: n + 1, lambda d: d), "has another size than its pixels"),
    "hash of a frame": (_frame(lambda n: n, lambda _: "0" * 64), "the pixels are not those that were saved"),
    "hash of text": (_frame(lambda n: n, lambda _: "zz"), "matching regex"),
    "hash of the profile": (lambda c: c["icc"].update(sha256="0" * 64), "icc is not what was saved"),
    "size of the metadata": (
        lambda c: c["metadata"]["xmp"].update(size=2),
        "metadata/xmp is not what was saved",
    ),
    "name of the metadata": (
        lambda c: c["metadata"].update({"../xmp": c["metadata"]["xmp"]}),
        "matching regex",
    ),
}


@pytest.mark.parametrize("name", WRONG_JSON)
def test_wrong_json_is_refused_with_the_place(saved: Path, name: str) -> None:
    change, message = WRONG_JSON[name]
    assert message in refused(with_json(saved, change))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "Input data was truncated"),
        (b"{", "Input data was truncated"),
        (b'{"format": retexture}', "JSON is malformed: invalid character (byte 11)"),
        (b"\xff\xfe", "JSON is malformed"),
        (b"[" * 100_000, "is damaged"),
    ],
)
def test_what_is_no_json_is_refused(saved: Path, text: bytes, message: str) -> None:
    files = {**members(saved), "document.json": text}
    assert message in refused(zipped(saved.with_name("changed.retexture"), files))


def test_a_missing_member_is_named(saved: Path) -> None:
    for missing in members(saved):
        files = {name: data for name, data in members(saved).items() if name != missing}
        text = refused(zipped(saved.with_name("changed.retexture"), files))
        assert (missing in text) != (missing == "document.json")


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "pixels/../../evil", "c:\\evil", "a/..", "C:evil"]
)
def test_names_that_point_out_of_the_file_are_refused(saved: Path, name: str) -> None:
    path = zipped(saved.with_name("changed.retexture"), {**members(saved), name: b"evil"})
    assert "a member's name points out of the file" in refused(path)
    assert sorted(path.name for path in saved.parent.iterdir()) == ["changed.retexture", "saved.retexture"]


def test_a_member_that_is_there_twice_is_refused(saved: Path) -> None:
    with zipfile.ZipFile(saved, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("document.json", b"{}")
    assert "a member is there twice" in refused(saved)


def test_swapped_members_are_refused(saved: Path) -> None:
    files = members(saved)
    a, b = [name for name in files if name.startswith("pixels/")][1:3]
    files[a], files[b] = files[b], files[a]
    assert "is damaged" in refused(zipped(saved.with_name("changed.retexture"), files))


@pytest.mark.slow
def test_compressed_bombs_are_refused_before_they_unfold(saved: Path) -> None:
    files = members(saved)
    path = saved.with_name("changed.retexture")
    zipped(path, {**files, "document.json": b" " * ((1 << 27) + 1)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 10 << 20
    assert "document.json claims more than 128 MB" in refused(path)
    # Arrays are stored, never deflated: the zip cannot unfold them beyond its own size.
    assert "has another size than its pixels" in refused(zipped(path, files, zipfile.ZIP_DEFLATED))


def test_a_frame_that_holds_more_than_its_array_is_refused(saved: Path) -> None:
    import imagecodecs

    bomb = bytes(imagecodecs.zstd_encode(bytes(1 << 28), level=1))
    files, content = members(saved), json.loads(members(saved)["document.json"])
    content["pixels"][0]["frames"] = [[len(bomb), "0" * 64]]
    files |= {"document.json": json.dumps(content).encode(), f"pixels/{content['pixels'][0]['id']}": bomb}
    assert "is damaged" in refused(zipped(saved.with_name("changed.retexture"), files))


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    colour = np.array([[[0.5, np.nan]]], np.float32).repeat(3, 0)
    document = Document(width_px=2, height_px=1, depth=32, sources=(Source("s", "s", Pixels(colour)),))
    write_project(tmp_path / "a.retexture", document)
    assert "NaN or infinity" in refused(tmp_path / "a.retexture")


def test_a_profile_for_other_pictures_is_refused(saved: Path) -> None:
    document = Document(width_px=2, height_px=1, mode="grey", icc=srgb_icc())
    write_project(saved, document, overwrite=True)
    assert "the profile is not for grey pictures" in refused(saved)


@pytest.mark.slow
def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    write_project(tmp_path / "a.retexture", sample_document(20, 20))
    whole = (tmp_path / "a.retexture").read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 300)):
        (tmp_path / "cut.retexture").write_bytes(whole[:length])
        refused(tmp_path / "cut.retexture")


@pytest.mark.slow
def test_damaged_bytes_never_give_another_document(tmp_path: Path) -> None:
    """Damage is refused, or meets bytes that mean nothing (zip time stamps, say): then the document is the same."""
    document = sample_document(20, 20)
    write_project(tmp_path / "a.retexture", document)
    whole = (tmp_path / "a.retexture").read_bytes()
    chance = random.Random(5)
    path = tmp_path / "damaged.retexture"
    refusals = 0
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 1, 2, 20])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            read = read_project(path)
        except InputError:
            refusals += 1
        else:
            assert_same(read, document)
    assert refusals > 300


@pytest.mark.slow
def test_damaged_json_is_refused_or_a_document(tmp_path: Path) -> None:
    """Here the zip's own checksums are right, so that the damage reaches the schema."""
    write_project(tmp_path / "a.retexture", sample_document(20, 20))
    files = members(tmp_path / "a.retexture")
    text = files["document.json"]
    chance = random.Random(6)
    refusals = 0
    for _ in range(400):
        data = bytearray(text)
        for _ in range(chance.choice([1, 1, 3])):
            at = chance.randrange(len(data))
            data[at : at + chance.choice([0, 1, 5])] = chance.choice(
                [b"", b"0", b'"', b"{", b"9999", b"null", b"-"]
            )
        path = zipped(tmp_path / "damaged.retexture", {**files, "document.json": bytes(data)})
        try:
            read = read_project(path)
        except InputError:
            refusals += 1
        else:
            write_project(tmp_path / "again.retexture", read, overwrite=True)
            assert read_project(tmp_path / "again.retexture") == read
    assert refusals > 200
