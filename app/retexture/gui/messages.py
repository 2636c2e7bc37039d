"""Message boxes, all of one kind: asked and told in the same words, with names that tests and keyboards can find."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QWidget

from retexture.errors import InputError
from retexture.gui import theme
from retexture.gui.icons import pixmap

Kind = Literal["info", "warning"]
Unsaved = Literal["save", "discard", "cancel"]
UnderWay = Literal["wait", "stop", "stay"]

ROLES = {
    "accept": QMessageBox.ButtonRole.AcceptRole,
    "destroy": QMessageBox.ButtonRole.DestructiveRole,
    "reject": QMessageBox.ButtonRole.RejectRole,
}
Role = Literal["accept", "destroy", "reject"]

LABELS: dict[str, tuple[str, Role]] = {
    "save": ("Save", "accept"),
    "discard": ("Don't Save", "destroy"),
    "cancel": ("Cancel", "reject"),
    "ok": ("OK", "accept"),
    "yes": ("Yes", "accept"),
    "no": ("No", "reject"),
}
"""What buttons of usual names say."""

WRAPPED_PX = 460
"""Wider texts are wrapped."""
MOST_LETTERS = 60
"""Of a file's name in a sentence; a longer one loses its middle."""
_VERBS = (
    *("is", "are", "was", "has", "does", "may", "can", "cannot", "could", "claims", "exists", "holds"),
    *("keeps", "leaves", "names", "takes", "works"),
)
"""What problems begin with that go on from the name; others have a subject of their own."""


class Words(NamedTuple):
    """An error in words for the window; how it is logged and told in a terminal is `InputError`'s own text."""

    sentence: str
    remedy: str
    """A sentence as well."""


def words(error: InputError) -> Words:
    """Return what is wrong, and what to do about it. What only programmers understand is left out."""
    problem = re.sub(r"\bdamaged \(.*\)", "damaged", " ".join(error.problem.split()))
    remedy = re.sub(r",? or add --\S+( to \w+ it)?| \(--[^)]*\)", "", " ".join(error.remedy.split()))
    path = Path(error.path)
    name = f"“{_shortened(path.name)}”" if path.is_absolute() and path.name else error.path
    first, _, rest = problem.partition(" ")
    if first in _VERBS:
        sentence = f"{name} {problem}"
    elif first == "its":
        thing, verb, predicate = (*re.split(r" (is|does|cannot|could) ", rest, maxsplit=1), "", "")[:3]
        sentence = f"the {thing} of {name} {verb} {predicate}"
    elif first in ("the", "this"):
        sentence = problem
    else:
        sentence = f"{name}: {problem}"
    return Words(_sentence(sentence), _sentence(remedy))


def note_words(note: str) -> str:
    """Return a note on a picture, as a terminal tells it, in words for the window."""
    name, _, rest = note.partition(": ")
    if rest.partition(" ")[0] in _VERBS:
        note = f"“{_shortened(name)}” {rest}"
    note = re.sub(r"--\S+ \w+; in the window, ", "", note)
    return re.sub(r"(\d)%", r"\1 %", re.sub(r"(\d) x (\d)", r"\1 × \2", note))


def _shortened(name: str) -> str:
    half = MOST_LETTERS // 2
    return name if len(name) <= MOST_LETTERS else f"{name[:half]}…{name[-half:]}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".?!…" else ".")


def ask(
    parent: QWidget | None,
    name: str,
    title: str,
    text: str,
    buttons: dict[str, tuple[str, Role]],
    *,
    details: str = "",
    kind: Kind = "info",
) -> str:
    """Ask in a box over the window; return the name of the button that was chosen.

    Args:
        parent: the window.
        name: objectName of the box; its buttons are ``{name}_{button}``.
        title: the question or what happened, in a few words.
        text: one sentence.
        buttons: label and role by name. The first one is what Enter chooses. Esc and closing choose the one that
            rejects, or the last one where none does.
        details: smaller, beneath.
        kind: which picture it has.
    """
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setOption(QMessageBox.Option.DontUseNativeDialog)
    box.setWindowTitle(title)
    box.setText(f"{text}")
    box.setInformativeText(details)
    colour = theme.WARNING if kind == "warning" else theme.TEXT
    box.setIconPixmap(pixmap(kind, 32, colour, box.devicePixelRatioF()))
    made: dict[str, QPushButton] = {}
    for key, (label, role) in buttons.items():
        button = box.addButton(label, ROLES[role])
        button.setObjectName(f"{name}_{key}")
        button.setAccessibleName(label)
        button.setToolTip(label)
        button.setIconSize(QSize(0, 0))
        made[key] = button
    escape = next((key for key, (_, role) in buttons.items() if role == "reject"), list(buttons)[-1])
    box.setDefaultButton(next(iter(made.values())))
    box.setEscapeButton(made[escape])
    made[escape].setToolTip(f"{buttons[escape][0]} (Esc)")
    first = next(iter(made))
    made[first].setToolTip(f"{buttons[first][0]} (Enter)")
    fit(box)
    box.exec()
    chosen = box.clickedButton()
    answer = next((key for key, button in made.items() if button is chosen), escape)
    box.deleteLater()
    return answer


def fit(box: QMessageBox) -> None:
    """Make room for all words of a box: Qt asks only for the least widths that the theme gives."""
    text = box.findChild(QLabel, "qt_msgbox_label")
    assert isinstance(text, QLabel)
    for widget in (text, *box.buttons()):
        widget.ensurePolished()
    lines = f"{box.text()}\n{box.informativeText()}".split("\n")
    widest = max(text.fontMetrics().horizontalAdvance(line) for line in lines)
    text.setMinimumWidth(min(max(widest + 4, text.minimumWidth()), WRAPPED_PX))
    for button in box.buttons():
        button.setMinimumWidth(button.sizeHint().width())


def tell(
    parent: QWidget | None, name: str, title: str, text: str, *, details: str = "", kind: Kind = "info"
) -> None:
    """Tell something that must be read before work goes on."""
    ask(parent, name, title, text, {"ok": LABELS["ok"]}, details=details, kind=kind)


def ask_unsaved(parent: QWidget | None, title: str) -> Unsaved:
    """Ask what becomes of the unsaved work in the document of a title that is to be closed."""
    buttons = {key: LABELS[key] for key in ("save", "discard", "cancel")}
    answer = ask(
        parent,
        "unsaved_work",
        "Unsaved Work",
        f"Save the changes to “{title}” before it is closed?",
        buttons,
        details="What is not saved is lost.",
        kind="warning",
    )
    return "save" if answer == "save" else "discard" if answer == "discard" else "cancel"


def ask_under_way(parent: QWidget | None, titles: Sequence[str]) -> UnderWay:
    """Ask what becomes of the jobs of these titles when the window is to be closed."""
    others = (
        f" So are {len(titles) - 1} others." if len(titles) > 2 else " So is another." if titles[1:] else ""
    )
    answer = ask(
        parent,
        "under_way",
        "Still at Work",
        f"{titles[0].rstrip('…')} is still under way.{others}",
        {
            "wait": ("Wait, Then Close", "accept"),
            "stop": ("Cancel It and Close", "destroy"),
            "stay": ("Don't Close", "reject"),
        },
        details="What is cancelled may not be written.",
        kind="warning",
    )
    return "wait" if answer == "wait" else "stop" if answer == "stop" else "stay"
