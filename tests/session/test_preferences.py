"""What is remembered from one run to the next."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from retexture.errors import InputError
from retexture.session.export import ExportSettings
from retexture.session.preferences import (
    RECENT,
    Preferences,
    config_folder,
    load,
    recovery_folder,
    save,
    with_folder,
    with_recent,
    without_recent,
)


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RETEXTURE_CONFIG", str(tmp_path / "deep" / "config"))
    return tmp_path / "deep" / "config"


def test_without_a_file_they_are_the_defaults(config: Path):
    assert load() == (Preferences(), None)
    assert not config.exists()


def test_they_come_back(config: Path):
    preferences = Preferences(
        recent_files=("/a/ä.tif",),
        brush={"size_px": 20.5, "pressure": [[0, 0], [255, 255]]},
        export=ExportSettings(format="jpeg", quality=80),
        window_state="AAAA",
        history_mb=512,
        link_sources=True,
    )
    save(preferences)
    assert load() == (preferences, None)
    assert [path.name for path in config.iterdir()] == ["preferences.json"]


def test_fields_of_other_versions_do_no_harm(config: Path):
    save(Preferences(history_mb=512))
    path = config / "preferences.json"
    content = json.loads(path.read_text())
    del content["brush"], content["export"]["quality"]
    path.write_text(json.dumps({**content, "of_tomorrow": [1, 2]}))
    assert load() == (Preferences(history_mb=512), None)


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"history_mb": 1}', b'{"recent_files": 5}', b"[" * 100_000]
)
def test_a_damaged_file_is_put_aside(config: Path, damage: bytes):
    save(Preferences(history_mb=512))
    (config / "preferences.json").write_bytes(damage)
    preferences, note = load()
    assert preferences == Preferences()
    assert note is not None
    assert "the defaults are used" in note
    assert (config / "preferences.damaged.json").read_bytes() == damage
    assert load() == (Preferences(), None)


def test_a_file_that_cannot_be_read_is_told(config: Path):
    (config / "preferences.json").mkdir(parents=True)
    preferences, note = load()
    assert preferences == Preferences()
    assert note is not None
    assert "cannot be read" in note


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RETEXTURE_CONFIG", str(tmp_path / "file" / "config"))
    with pytest.raises(InputError, match="RETEXTURE_CONFIG"):
        save(Preferences())


def test_recent_files_are_few_and_the_newest_is_first(tmp_path: Path):
    preferences = Preferences()
    for n in range(RECENT + 3):
        preferences = with_recent(preferences, tmp_path / f"{n}.tif")
    assert len(preferences.recent_files) == RECENT == 12
    assert preferences.recent_files[0] == str(tmp_path / "14.tif")
    again = with_recent(preferences, tmp_path / "10.tif")
    assert again.recent_files[:2] == (str(tmp_path / "10.tif"), str(tmp_path / "14.tif"))
    assert sorted(again.recent_files) == sorted(preferences.recent_files)
    assert str(tmp_path / "10.tif") not in without_recent(again, tmp_path / "10.tif").recent_files


def test_folders_are_remembered_by_purpose(tmp_path: Path):
    preferences = with_folder(with_folder(Preferences(), "open", tmp_path), "export", Path("/b"))
    assert preferences.folders["open"] == str(tmp_path)
    assert msgspec.structs.replace(preferences, folders={}) == Preferences()


def test_folders_are_the_systems_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Path):
    assert config_folder() == config
    monkeypatch.setenv("RETEXTURE_STATE", str(tmp_path))
    assert recovery_folder() == tmp_path / "recovery"
    monkeypatch.delenv("RETEXTURE_CONFIG")
    monkeypatch.delenv("RETEXTURE_STATE")
    assert "retexture" in str(config_folder()).lower()
    assert recovery_folder().name == "recovery"
    assert os.fspath(recovery_folder().parent) != ""
    assert "retexture" in str(recovery_folder().parent).lower()
