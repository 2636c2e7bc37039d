"""What the window remembers from one run to the next, and where."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
from platformdirs import user_config_path, user_state_path

from retexture.declare import described, number
from retexture.errors import InputError
from retexture.files.atomic import atomic_write
from retexture.session.export import ExportSettings

RECENT = 12
"""Files that the list of recent ones holds."""

_NAME = "preferences.json"


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """All that is remembered. Fields that a file does not have take their defaults, unknown ones are passed over."""

    recent_files: tuple[str, ...] = ()
    """Absolute, newest first."""
    folders: dict[str, str] = {}
    """The folder last used for each purpose: ``open``, ``save``, ``export``."""
    brush: dict[str, Any] = {}
    export: ExportSettings = ExportSettings()
    screen_profile: Annotated[str, described("ICC profile of the screen; empty: the system's, else sRGB")] = (
        ""
    )
    window_geometry: str = ""
    """Base64, as `window_state`."""
    window_state: str = ""
    history_mb: Annotated[
        int,
        number(64, 65536, slider=(256, 8192), unit="MB", help="Memory that undo may take in each document"),
    ] = 1024
    link_sources: Annotated[
        bool, described("Projects link the pictures that they were made from instead of holding copies")
    ] = False


def config_folder() -> Path:
    """Return the folder of the preferences: $RETEXTURE_CONFIG, else the system's place for them."""
    return Path(os.environ.get("RETEXTURE_CONFIG") or user_config_path("retexture", appauthor=False))


def recovery_folder() -> Path:
    """Return the folder of recovery copies: in $RETEXTURE_STATE, else in the system's place for such files."""
    return (
        Path(os.environ.get("RETEXTURE_STATE") or user_state_path("retexture", appauthor=False)) / "recovery"
    )


def load() -> tuple[Preferences, str | None]:
    """Return the preferences; and what the user should know where they could not be read and are the defaults.

    A damaged file is kept under another name.
    """
    path = config_folder() / _NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Preferences), None
    except FileNotFoundError:
        return Preferences(), None
    except OSError as error:
        return Preferences(), f"{path}: cannot be read ({error.strerror}); the defaults are used"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        aside = path.with_suffix(".damaged.json")
        with suppress(OSError):
            path.replace(aside)
        return Preferences(), f"{path}: is damaged ({error}) and is now {aside.name}; the defaults are used"


def save(preferences: Preferences) -> None:
    """Write the preferences, whole or not at all.

    Raises:
        InputError: the folder or the file cannot be written.
    """
    folder = config_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "change its permissions, or set RETEXTURE_CONFIG to another folder"
        raise InputError(folder, f"cannot be made ({error.strerror})", remedy) from error
    with atomic_write(folder / _NAME, overwrite=True) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(preferences)))


def with_recent(preferences: Preferences, path: Path) -> Preferences:
    """Return the preferences with a file as the most recent one."""
    name = str(path.absolute())
    others = (other for other in preferences.recent_files if other != name)
    return msgspec.structs.replace(preferences, recent_files=(name, *others)[:RECENT])


def without_recent(preferences: Preferences, path: Path) -> Preferences:
    """Return the preferences with a file, which is there no longer, forgotten."""
    kept = tuple(other for other in preferences.recent_files if other != str(path.absolute()))
    return msgspec.structs.replace(preferences, recent_files=kept)


def with_folder(preferences: Preferences, purpose: str, folder: Path) -> Preferences:
    """Return the preferences with the folder last used for a purpose."""
    return msgspec.structs.replace(
        preferences, folders={**preferences.folders, purpose: str(folder.absolute())}
    )
