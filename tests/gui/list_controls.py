"""Writes the names of all controls into docs/gui.md: ``python -m tests.gui.list_controls``."""

import tempfile
from pathlib import Path

from retexture.gui.app import make_application
from retexture.gui.window import MainWindow
from retexture.session.preferences import Preferences
from tests.gui.window_tour import close, controls, tour

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "gui.md"
BEGIN, END = "<!-- names: begin -->\n", "<!-- names: end -->\n"


def with_names(text: str, names: dict[str, list[str]]) -> str:
    """Return the document's text with a list of the names of each place."""
    before, _, rest = text.partition(BEGIN)
    rows = [
        f"| {title} | {' '.join(f'`{name}`' for name in names[title])} |\n" for title in names if names[title]
    ]
    return f"{before}{BEGIN}| where | objectNames |\n|---|---|\n{''.join(rows)}{END}{rest.partition(END)[2]}"


def main() -> None:
    """Go through the window and write what is there."""
    make_application()
    window = MainWindow(Preferences())
    window.resize(1280, 800)
    window.show()
    names: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for place in tour(window, Path(folder)):
            known = names.setdefault(place.title, [])
            known += [w.objectName() for w in controls(place) if w.objectName() not in known]
    close(window)
    DOCUMENT.write_text(with_names(DOCUMENT.read_text(encoding="utf-8"), names), encoding="utf-8")


if __name__ == "__main__":
    main()
