"""The Select menu."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.commands import Command, has_document, has_layer, has_mask
from retexture.gui.selection_dialogs import (
    ColourRangeDialog,
    Feather,
    Grow,
    LuminosityRangeDialog,
    RadiusDialog,
)
from retexture.session import colour_selection, selection_edits, selections
from retexture.session.colour_selection import LuminosityRange
from retexture.session.selections import Mode
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

Ask = Callable[[], bool]


def has_selection(window: "MainWindow") -> bool:
    """Whether something is selected of the picture."""
    session = window.workspace.session
    return session is not None and session.document.selection is not None


def load(window: "MainWindow", key: str, what: str, mode: Mode) -> None:
    """Select where a layer is opaque (``picture``), or what its painted mask shows (``mask``)."""
    cache = window.workspace.passing

    def work(document: Document, cancelled: Ask) -> Tiles:
        if what == "mask":
            new = colour_selection.layer_mask(document, key, cache=cache)
        else:
            new = colour_selection.transparency(document, key, cache=cache, cancelled=cancelled)
        return selections.combined(document.selection, new, mode)

    window.selector.run("Load Selection", work, title="Loading the selection")


def _session(window: "MainWindow") -> Session:
    assert window.workspace.session is not None
    return window.workspace.session


def _load_active(what: str) -> "Callable[[MainWindow], None]":
    def run(window: "MainWindow") -> None:
        key = _session(window).active
        assert key is not None
        load(window, key, what, "replace")

    return run


def _load_luminosity(window: "MainWindow") -> None:
    cache = window.workspace.passing

    def work(document: Document, cancelled: Ask) -> Tiles:
        return colour_selection.luminosity(document, LuminosityRange(), cache=cache, cancelled=cancelled)

    window.selector.run("Load Luminosity", work, title="Loading the luminosity")


def _change(window: "MainWindow", label: str, change: Callable[[Tiles], Tiles]) -> None:
    """Change what is selected, off the window's thread."""

    def work(document: Document, _cancelled: Ask) -> Tiles | None:
        return None if document.selection is None else change(document.selection)

    window.selector.run(label, work, title=label)


def _ask_radius(
    label: str, settings: Feather | Grow, change: Callable[[Tiles, int], Tiles]
) -> "Callable[[MainWindow], None]":
    name = f"{label.lower()}_selection"

    def run(window: "MainWindow") -> None:
        def take(radius: int) -> None:
            _change(window, f"{label} Selection", lambda selection: change(selection, radius))

        RadiusDialog(f"{label} Selection", name, settings, take, window).open()

    return run


def _deselect(window: "MainWindow") -> None:
    selection_edits.select(_session(window), "Deselect", None)


def _can_reselect(window: "MainWindow") -> bool:
    session = window.workspace.session
    return session is not None and selection_edits.last_selection(session) is not None


def _reselect(window: "MainWindow") -> None:
    session = _session(window)
    selection_edits.select(session, "Reselect", selection_edits.last_selection(session))


def _add_mask(*, hide: bool) -> "Callable[[MainWindow], None]":
    def run(window: "MainWindow") -> None:
        session = _session(window)
        assert session.active is not None
        selection_edits.add_mask(session, session.active, hide=hide)

    return run


def _save_mask(window: "MainWindow") -> None:
    session = _session(window)
    assert session.active is not None
    selection_edits.save_mask(session, session.active)


def _can_add_mask(window: "MainWindow") -> bool:
    return has_selection(window) and has_layer(window) and not has_mask(window)


def _can_save_mask(window: "MainWindow") -> bool:
    return has_selection(window) and has_layer(window)


def in_quick_mask(window: "MainWindow") -> bool:
    """Whether brushes paint what is selected."""
    session = window.workspace.session
    return session is not None and session.quick_mask


def _toggle_quick_mask(window: "MainWindow") -> None:
    session = _session(window)
    if session.quick_mask:
        note = selection_edits.end_quick_mask(session)
        window.workspace.message.emit(note or "Quick Mask ended: what is not red is selected")
    else:
        session.set_quick_mask(True)
        window.workspace.message.emit(
            "Quick Mask: paint black to deselect, after X white to select; Q ends it"
        )


# fmt: off
COMMANDS = (
    Command(
        "select_all", "All", "Select", lambda w: selection_edits.select_all(_session(w)),
        "Select the whole picture", ("Ctrl+A",), has_document,
    ),
    Command(
        "deselect", "Deselect", "Select", _deselect, "Select nothing: tools work everywhere", ("Ctrl+D",),
        has_selection,
    ),
    Command(
        "reselect", "Reselect", "Select", _reselect, "Select again what was selected last", ("Ctrl+Shift+D",),
        _can_reselect,
    ),
    Command(
        "inverse", "Inverse", "Select", lambda w: _change(w, "Inverse", selections.inverted),
        "Select what is not selected", ("Ctrl+Shift+I",), has_selection,
    ),
    Command(
        "colour_range", "Colour Range…", "Select", lambda w: ColourRangeDialog(w).show(),
        "Select colours all over the picture, by their distance in Lab", (), has_document, separator=True,
    ),
    Command(
        "luminosity_range", "Luminosity Range…", "Select", lambda w: LuminosityRangeDialog(w).show(),
        "Select lights, midtones, darks or any range of luminosity", (), has_document,
    ),
    Command(
        "feather_selection", "Feather…", "Select > Modify",
        _ask_radius("Feather", Feather(), selections.feathered),
        "Soften the edge of the selection", ("Shift+F6",), has_selection,
    ),
    Command(
        "expand_selection", "Expand…", "Select > Modify", _ask_radius("Expand", Grow(), selections.expanded),
        "Grow the selection", (), has_selection,
    ),
    Command(
        "contract_selection", "Contract…", "Select > Modify",
        _ask_radius("Contract", Grow(), selections.contracted),
        "Shrink the selection", (), has_selection,
    ),
    Command(
        "load_transparency", "Layer Transparency", "Select > Load Selection", _load_active("picture"),
        "Select where the layer is opaque: Ctrl-click on its thumbnail", (), has_layer,
    ),
    Command(
        "load_mask", "Layer Mask", "Select > Load Selection", _load_active("mask"),
        "Select what the layer's mask shows: Ctrl-click on its thumbnail", (), has_mask,
    ),
    Command(
        "load_luminosity", "Luminosity", "Select > Load Selection", _load_luminosity,
        "Select the picture's luminosity: light is selected, dark is not", ("Ctrl+Alt+2",), has_document,
    ),
    Command(
        "save_selection", "Save Selection as Layer Mask", "Select", _save_mask,
        "Make the selection the layer's mask, in place of the one that it has", (), _can_save_mask,
    ),
    Command(
        "quick_mask", "Edit in Quick Mask Mode", "Select", _toggle_quick_mask,
        "Paint the selection: brush, eraser, gradient and fill work on it, red is not selected", ("Q",),
        has_document, in_quick_mask, separator=True,
    ),
    Command(
        "mask_reveal_selection", "Reveal Selection", "Layer > Layer Mask", _add_mask(hide=False),
        "Adds a layer mask that shows what is selected", (), _can_add_mask, separator=True,
    ),
    Command(
        "mask_hide_selection", "Hide Selection", "Layer > Layer Mask", _add_mask(hide=True),
        "Adds a layer mask that hides what is selected", (), _can_add_mask,
    ),
)
# fmt: on
