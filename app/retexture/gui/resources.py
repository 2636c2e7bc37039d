"""Where pictures and icons are: inside the installed package, or at the top of the checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
FOLDERS = (PACKAGE / "resources", PACKAGE.parents[1] / "resources")


def resource(path: str) -> Path:
    """Return the file of a path such as ``icons/brush.svg``.

    Raises:
        FileNotFoundError: there is no such file.
    """
    for folder in FOLDERS:
        if (folder / path).is_file():
            return folder / path
    raise FileNotFoundError(f"no resource {path} in {FOLDERS[0]} or {FOLDERS[1]}")
