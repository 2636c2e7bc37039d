"""A tour of the whole window: every panel, tool and dialog in turn, and the controls that each of them shows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMessageBox,
    QScrollBar,
    QSizeGrip,
    QTabBar,
    QWidget,
)

from retexture.files.links import MissingSource
from retexture.filters.curves import Curves
from retexture.gui import messages
from retexture.gui.app import wait_until_idle
from retexture.gui.commands import run
from retexture.gui.crash_dialog import CrashDialog
from retexture.gui.menu_bar import COMMANDS
from retexture.gui.missing_source_dialog import MissingSourceDialog
from retexture.gui.popups import show_below
from retexture.gui.recovery_dialog import RecoveryDialog
from retexture.gui.report_dialog import ReportDialog
from retexture.gui.window import MainWindow
from retexture.session import layer_edits, mask_edits, pictures
from retexture.session.jobs import Crash
from retexture.session.recovery import Recovered
from retexture.session.session import Session
from tests.gui.portraits import write_pair
from tests.gui.reports import a_report
from tests.session.restored import restored_document

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox, QLineEdit, QTabBar)
INTERNAL = (QScrollBar, QHeaderView, QSizeGrip)
WHEN = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


class Place(NamedTuple):
    """One stop of the tour."""

    title: str
    """Of the panel or dialog; several stops may show the same one."""
    root: QWidget


def controls(place: Place) -> Iterator[QWidget]:
    """Yield what can be focused or clicked there and is visible; parts that Qt makes itself are left out."""
    for widget in (place.root, *place.root.findChildren(QWidget)):
        if widget.isVisible() and _is_control(widget) and not _is_internal(widget):
            yield widget


def _is_control(widget: QWidget) -> bool:
    focusable = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not isinstance(widget, QDialog)
    return isinstance(widget, CONTROLS) or (focusable and widget.focusProxy() is None)


def _is_internal(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    if isinstance(widget, INTERNAL) or widget.objectName().startswith("qt_"):
        return True
    if isinstance(parent, QComboBox | QLineEdit | QTabBar):
        return True
    return isinstance(parent, QAbstractScrollArea) and widget is parent.viewport()


def tour(window: MainWindow, folder: Path) -> Iterator[Place]:
    """Go through the window; between two stops the caller looks at what is visible."""
    yield Place("Start page", window.start_page)
    original, retouched = write_pair(folder, scale=8)

    def opened(recipe: str) -> None:
        window.opener.open_pictures(original, retouched, recipe)
        settle(window)

    opened("hybrid-fs")
    for _ in window.guide.steps:
        yield Place("Guide", window.guide)
        window.guide.next()
        settle(window)
    yield from _restoration(window)
    for tool in window.tools:
        window.set_tool(tool)
        yield Place("Tool options", window.tool_options)
    assert window.session is not None
    window.session.select("retouched")
    command("free_transform", window)
    yield Place("Tool options", window.tool_options)
    window.transforming.cancel()
    window.session.select("high", "mask")
    yield Place("Menu bar", window.menuBar())
    yield Place("Tools", window.tool_bar)
    yield Place("Document tabs", window.tabs)
    yield Place("Canvas", window.canvas)
    yield Place("Compare bar", window.compare_bar)
    yield Place("Status bar", window.status)
    window.set_tool("brush")
    options = window.tool_options
    for popup, button in (
        (options.brush_options.popup, options.brush_options.more),
        (options.mask_options.popup, options.mask_options.feather_button),
    ):
        show_below(popup, button)
        yield Place("Tool options", popup)
        popup.close()
    yield from _panels(window)
    yield from _dialogs(window, folder)


def _restoration(window: MainWindow) -> Iterator[Place]:
    """Open a document of the automatic restoration for a while."""
    first, session = window.session, Session(restored_document(unaligned=(60, 120)), title="restored")
    session.recipe = "auto"
    window.workspace.add(session)
    window.open_guide(session)
    for _ in window.guide.steps:
        settle(window)
        yield Place("Guide", window.guide)
        window.guide.next()
    settle(window)
    yield Place("Restoration", window.restoration)
    window.workspace.remove(session)
    window.workspace.activate(first)
    settle(window)


def _panels(window: MainWindow) -> Iterator[Place]:
    session = window.session
    assert session is not None
    yield Place("Panel tabs", next(b for b in window.findChildren(QTabBar) if b is not window.tabs))
    yield Place("Layers", window.layers)
    yield from _properties(window)
    layer_edits.new_adjustment_layer(session, Curves)
    mask_edits.add_mask(session, session.active or "", "midtones")
    yield from _properties(window)
    layer_edits.new_fill_layer(session)
    yield from _properties(window)
    layer_edits.set_locked(session, [session.active or ""], True)
    yield from _properties(window)
    layer_edits.new_group(session)
    yield Place("Layers", window.layers)
    command("new_snapshot", window)
    for name in ("history", "navigator", "histogram", "luminosity"):
        window.docks[name].show()
        window.docks[name].raise_()
        settle(window)
        yield Place(name.capitalize(), window.docks[name])


def _properties(window: MainWindow) -> Iterator[Place]:
    """Open all sections of the selected layer."""
    panel = window.properties
    window.docks["properties"].raise_()
    settle(window)
    kinds = {section.part.kind for section in panel._all()}
    panel.open_sections = dict.fromkeys(kinds | {f"hidden_{kind}" for kind in kinds}, True)
    settle(window)
    yield Place("Properties", panel)


def _dialogs(window: MainWindow, folder: Path) -> Iterator[Place]:
    session = window.session
    assert session is not None
    crash = Crash("Rendering", ValueError("unexpected"))
    missing = MissingSource("original", folder / "IMG_1.tif", "gone", "is not there", 1000, WHEN)
    lost = [
        Recovered("a", "IMG_1", None, WHEN, 4 << 20),
        Recovered("b", "IMG_2", folder / "b", WHEN, 5 << 20),
    ]

    def shown(dialog: QDialog) -> None:
        dialog.show()

    def asked(name: str) -> None:
        command("select_all", window)
        command(name, window)

    def masked(name: str) -> None:
        session.select("high")
        for key in ("high", session.document.layers[0].key):
            if not pictures.has_mask(session.document, key):
                mask_edits.add_mask(session, key, "white")
        session.select("high")
        command(name, window)

    openers: tuple[tuple[str, Callable[[], object]], ...] = (
        ("Original and retouched", lambda: window.opener.ask_for_pictures("texture-graft")),
        ("Texture Extractor", lambda: window.opener.ask_for_pictures("texture-extractor")),
        ("Export", lambda: command("export", window)),
        ("Keyboard shortcuts", lambda: command("shortcuts", window)),
        ("About", lambda: command("about", window)),
        ("Fill", lambda: command("fill", window)),
        ("Apply Image", lambda: command("filter_apply_image", window)),
        ("Place Plate", lambda: command("place_plate", window)),
        ("Texture from Selection", lambda: asked("texture_from_selection")),
        ("Feather Selection", lambda: asked("feather_selection")),
        ("Expand Selection", lambda: asked("expand_selection")),
        ("Contract Selection", lambda: asked("contract_selection")),
        ("Colour Range", lambda: command("colour_range", window)),
        ("Luminosity Range", lambda: command("luminosity_range", window)),
        ("Refine Layer Mask", lambda: masked("mask_refine")),
        ("Copy Layer Mask", lambda: masked("mask_copy")),
        ("Combine Layer Masks", lambda: masked("mask_combine")),
        ("Measured result", lambda: shown(ReportDialog(window.workspace, a_report(), "", window))),
        ("Recovery", lambda: shown(RecoveryDialog(lost, window))),
        ("Missing picture", lambda: shown(MissingSourceDialog(folder / "work.retexture", missing, window))),
        ("Not opened", lambda: window.opener.open_paths([folder])),
        ("Crash", lambda: shown(CrashDialog(crash, window))),
    )
    for title, open_ in openers:
        before = set(dialogs())
        open_()
        settle(window)
        (dialog,) = set(dialogs()) - before
        if isinstance(dialog, CrashDialog):
            dialog.findChild(QAbstractButton, "crash_show_details").click()
        yield Place(title, dialog)
        dialog.close()
        settle(window)
    boxes: list[QMessageBox] = []

    def keep(box: QMessageBox) -> int:
        boxes.append(box)
        box.show()
        return 0

    with patch.object(QMessageBox, "exec", keep):
        messages.ask_unsaved(window, "IMG_1")
        messages.ask_under_way(window, ["Exporting IMG_1_restored.tif…"])
    for title, box in zip(("Unsaved work", "Still at work"), boxes, strict=True):
        yield Place(title, box)
        box.close()
    window.activateWindow()
    window.search.open()
    settle(window)
    yield Place("Command search", window.search)
    window.search.close()


def command(name: str, window: MainWindow) -> None:
    """Run a command by its name."""
    run(next(each for each in COMMANDS if each.name == name), window)


def dialogs() -> list[QDialog]:
    """Return the dialogs that are open."""
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]


def settle(window: MainWindow) -> None:
    """Wait until the window shows what it will show."""
    assert wait_until_idle(window)
    QApplication.processEvents()


def close(window: MainWindow) -> None:
    """Close the window and what is open in it; nothing is saved."""
    for session in tuple(window.workspace.sessions):
        window.workspace.remove(session)
    window.close()
    window.deleteLater()
    QApplication.processEvents()
