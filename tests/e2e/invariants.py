"""What must hold after every action: the panels show the session, and at rest the canvas shows its render."""

import numpy as np
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QListView, QListWidget

from retexture.document.layers import AnyLayer, GroupLayer
from retexture.document.tree import filters_of
from retexture.engine.modes import BlendMode
from retexture.gui.choice_field import ChoiceField
from retexture.gui.labels import choice_label
from retexture.gui.layer_row import ROW_ROLE, RowLook
from retexture.gui.layers_model import EYE, LAYER
from retexture.gui.number_field import NumberField
from retexture.gui.property_parts import parts_of, values_of
from retexture.gui.window import TITLE, MainWindow
from retexture.render.cache import Cache
from retexture.session import remeasuring, restoration
from retexture.session.drawing import draw
from retexture.session.session import Session
from retexture.texture.blemishes import score_threshold

Row = tuple[str, bool, str, str, int]
"""Name, whether its eye is open, details, the layer's or filter's key, depth."""


def sweep(window: MainWindow) -> None:
    """Raise AssertionError where something shown differs from what is."""
    check_tabs(window)
    check_commands(window)
    session = window.session
    if session is None:
        assert window.start_page.isVisible()
        assert not window.canvas.isVisible()
        return
    check_layers(window, session)
    check_properties(window, session)
    check_history(window, session)
    check_restoration(window, session)
    if window.idle:
        check_canvas(window)


def check_tabs(window: MainWindow) -> None:
    sessions, tabs = window.workspace.sessions, window.tabs
    expected = [session.title + ("*" if session.modified else "") for session in sessions]
    assert [tabs.tabText(i) for i in range(tabs.count())] == expected
    session = window.session
    assert (session is None) == (not sessions)
    if session is None:
        assert window.windowTitle() == TITLE
        assert not window.isWindowModified()
    else:
        assert tabs.currentIndex() == sessions.index(session)
        assert window.windowTitle() == f"{session.title}[*] - {TITLE}"
        assert window.isWindowModified() == session.modified


def check_commands(window: MainWindow) -> None:
    enabled = {command.name: action.isEnabled() for command, action in window.actions_}
    session = window.session
    undo = session is not None and (session.gesture is not None or session.history.undo_label is not None)
    redo = session is not None and session.history.redo_label is not None
    if session is None or session.gesture is None:
        assert (enabled["undo"], enabled["redo"]) == (undo, redo)
    assert enabled["save"] == enabled["export"] == enabled["close"] == (session is not None)


# -- layers


def rows_shown(window: MainWindow) -> list[Row]:
    """Return what the tree of layers shows, from the top."""
    model = window.layers.tree.model()
    found: list[Row] = []

    def add(parent: QModelIndex, depth: int) -> None:
        for place in range(model.rowCount(parent)):
            index = model.index(place, LAYER, parent)
            look: RowLook = index.data(ROW_ROLE)
            key = look.layer.key if look.filter is None else look.filter.key
            found.append((index.data(), look.on, look.details, key, depth))
            add(model.index(place, EYE, parent), depth + 1)

    add(QModelIndex(), 0)
    return found


def rows_expected(layers: tuple[AnyLayer, ...], depth: int = 0) -> list[Row]:
    """Return what the tree of layers must show for a document, written down independently of the panel."""
    found: list[Row] = []
    for layer in reversed(layers):
        words = []
        if layer.blend_mode not in (BlendMode.NORMAL, BlendMode.PASS_THROUGH):
            words.append(choice_label(layer.blend_mode))
        if layer.opacity < 1:
            words.append(f"{layer.opacity * 100:.0f} %")
        if layer.fill < 1:
            words.append(f"Fill {layer.fill * 100:.0f} %")
        found.append((layer.name, layer.visible, ", ".join(words), layer.key, depth))
        found += [
            (item.filter.label, item.enabled, "", item.key, depth + 1) for item in reversed(filters_of(layer))
        ]
        if isinstance(layer, GroupLayer):
            found += rows_expected(layer.layers, depth + 1)
    return found


def check_layers(window: MainWindow, session: Session) -> None:
    panel, layer = window.layers, session.active_layer
    assert rows_shown(window) == rows_expected(session.document.layers)
    assert panel.tree.current_key == session.active
    if layer is None:
        return
    mode = panel.group_mode if isinstance(layer, GroupLayer) else panel.mode
    assert mode.combo.isVisibleTo(panel)
    if not mode.is_active:
        assert mode.combo.currentText() == choice_label(layer.blend_mode)
    for field, value in ((panel.opacity, layer.opacity), (panel.fill, layer.fill)):
        if not field.edit.isModified():
            assert field.edit.text() == field.format.text(value)
    assert panel.lock.isChecked() == layer.locked


# -- properties


def check_properties(window: MainWindow, session: Session) -> None:
    panel, layer = window.properties, session.active_layer
    expected = () if layer is None else parts_of(session.document, layer)
    assert tuple(section.part for section in panel.sections) == expected
    heading = panel.findChild(QLabel, "properties_heading")
    assert layer is None or layer.key in heading.toolTip()
    values = values_of(session.document, expected)
    sections = list(panel.sections)
    for section in sections:
        sections += section.inner
        if section.part.eye is not None:
            assert section.eye.isChecked() == values[section.part.eye], section.part.eye
        if not section.is_open:
            continue
        for bound in section.bounds:
            path, editor = bound.row.path, bound.editor
            assert editor.value() == values[path], path
            if isinstance(editor, NumberField) and not editor.edit.isModified():
                assert editor.edit.text() == editor.format.text(values[path]), path
            elif isinstance(editor, ChoiceField) and not editor.is_active:
                assert editor.combo.currentData() == str(values[path]), path


# -- history


def check_history(window: MainWindow, session: Session) -> None:
    panel, history = window.history, session.history
    versions = panel.findChild(QListView, "history_versions")
    model = versions.model()
    shown = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert shown == [version.label for version in history.versions]
    assert versions.currentIndex().row() == history.index
    snapshots = panel.findChild(QListWidget, "history_snapshots")
    assert [snapshots.item(i).text() for i in range(snapshots.count())] == [
        kept.label for kept in history.snapshots
    ]
    if session.gesture is None:
        for name, label in (("undo", history.undo_label), ("redo", history.redo_label)):
            assert panel.findChild(QAbstractButton, f"history_{name}").isEnabled() == (label is not None)


# -- restoration


def check_restoration(window: MainWindow, session: Session) -> None:
    panel, document, look = window.restoration, session.document, window.canvas.look
    analysis = document.analysis
    assert window.docks["restoration"].toggleViewAction().isEnabled() == (analysis is not None)
    if analysis is None:
        assert not panel.isVisible()
        return
    least = score_threshold(analysis.sensitivity)
    kept = [
        spot.kept_out if spot.kept_out is not None else spot.score >= least and analysis.sensitivity > 0
        for spot in analysis.spots
    ]
    model = panel.list.model()
    shown = [model.index(row, 0).data(Qt.ItemDataRole.CheckStateRole) for row in range(model.rowCount())]
    assert [state == Qt.CheckState.Checked for state in shown] == kept
    assert [bool(model.index(row, 3).data()) for row in range(model.rowCount())] == [
        spot.kept_out is not None for spot in analysis.spots
    ]
    assert panel.count.text() == (f"{sum(kept)} of {len(kept)} kept out" if kept else "none was removed")
    assert panel.sensitivity.value() == analysis.sensitivity
    for field, path in (
        (panel.texture, restoration.amount_path(document)),
        (panel.radius, restoration.radius_path(document)),
    ):
        assert field.isEnabled() == (path is not None)
        assert path is None or field.value() == restoration.setting(document, path)[1]
    for part in restoration.mask_parts(document):
        name = part.path.split(".")[2].replace("painted", "skin")
        buttons = {
            kind: panel.findChild(QAbstractButton, f"restoration_{name}_{kind}")
            for kind in ("eye", "film", "view")
        }
        assert buttons["eye"].isChecked() == part.enabled
        assert buttons["film"].isChecked() == (look.film_of == (part.layer, part.component))
        assert buttons["view"].isChecked() == (look.mask_of == (part.layer, part.component))
    assert panel.stale.isVisibleTo(panel) == (remeasuring.stale(document) is not None)
    state = restoration.alignment_state(document)
    assert state is None or panel.states[state].isChecked()
    assert panel.circles.isChecked() == window.canvas.spots.shown


# -- canvas


def check_canvas(window: MainWindow) -> None:
    """Compare each pane with a fresh render of what it is to show."""
    canvas = window.canvas
    assert canvas.isVisible()
    assert canvas.session is not None
    assert window.workspace.jobs.idle
    for pane in canvas.panes():
        viewport = pane.viewport
        picture = canvas.look.picture(canvas.session, pane.name)
        if not (viewport.region.width and viewport.region.height):
            continue
        fresh = draw(picture, viewport.scale, viewport.region, exact=True, cache=Cache(64 << 20))
        assert viewport.frame.shape == fresh.shape
        # Without alpha its byte means nothing to the screen.
        wrong = np.argwhere((viewport.frame != fresh).any(-1))
        assert len(wrong) == 0, (
            f"{pane.name} at {viewport.scale:.4f}: {len(wrong)} of {fresh[..., 0].size} pixels are not those of a "
            f"fresh render, the first at {wrong[0][::-1].tolist()}, the last at {wrong[-1][::-1].tolist()}"
        )
    bar = window.compare_bar
    for side, name in (("before", canvas.look.before), ("after", canvas.look.after)):
        combo = bar.findChild(QComboBox, f"compare_{side}_picture")
        assert combo.currentData() == name
    zoom = window.status.findChild(QLineEdit, "status_zoom")
    if not zoom.isModified():
        shown = float(zoom.text().rstrip(" %")) / 100
        assert abs(shown - canvas.view.zoom) <= 0.01 * canvas.view.zoom
