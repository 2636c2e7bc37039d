"""The Properties panel: every parameter of the selected layer, in sections made from the declarations."""

from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from retexture.document.document import Document
from retexture.document.layers import AnyLayer, FillLayer, GroupLayer, LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.gui import theme
from retexture.gui.blend_if_editor import BlendIfEditor
from retexture.gui.blend_if_histograms import BlendIfHistograms
from retexture.gui.editor_base import Editor
from retexture.gui.gestures import EditorGesture, attempt
from retexture.gui.property_parts import (
    BLEND_IF,
    Part,
    applied,
    component_of,
    flat,
    parts_of,
    shape,
    values_of,
)
from retexture.gui.property_sections import Bound, Section
from retexture.gui.section_commands import run, switch
from retexture.gui.workspace import Workspace
from retexture.session.histogram import Counts
from retexture.session.layer_edits import is_locked
from retexture.session.pictures import Component
from retexture.session.session import Session, Update

CLOSED = frozenset({"blend_if", "mask_luminosity", "mask_raster", "position", "distortion"})
"""Kinds of sections that are closed until the user opens one."""

KINDS = {
    "pixel": "Pixel layer",
    "paint": "Paint layer",
    "fill": "Fill layer",
    "adjustment": "Adjustment layer",
    "group": "Group",
}


class PropertiesPanel(QWidget):
    """Shows the selected layer. Each editor is bound to a path; a drag is one gesture, one undo step."""

    filter_preview = Signal(str, str)
    """(layer's key, filter's key): a length of the filter is dragged, and it is to be shown alone."""
    filter_preview_ended = Signal()
    mask_view_requested = Signal(str, object)
    """(layer's key, index of the component or None for the painted mask): view it as a picture, or no longer."""
    hidden_overlay = Signal(object)
    """Key of the layer whose pixels that Blend-If hides are to be marked, or None."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setObjectName("properties_panel")
        self.setMinimumWidth(280)
        self.parts: tuple[Part, ...] = ()
        self.sections: list[Section] = []
        """The outer ones that are shown, the topmost first."""
        self._spare: dict[Any, list[Section]] = {}
        """Sections that are not shown at present, by shape."""
        self._store = QWidget()
        """Holds the spare ones, so that nobody finds them in the panel."""
        self._open: dict[str, bool] = {}
        self._alone: set[str] = set()
        """Kinds of filters that are shown alone while a length is dragged."""
        self._gestures: list[EditorGesture] = []
        """Of the editors, those of spare sections among them."""
        self._previewing = False
        self._histograms = BlendIfHistograms(workspace, self._show_counts)
        self._viewed: tuple[str, Component] | None = None
        self._overlay: str | None = None
        self._keys: set[str] = set()
        """Of the layers whose parameters are shown: the selected one, and hidden ones that it reads."""
        self._make_widgets()
        self._prepare()
        workspace.session_changed.connect(self._take_session)
        workspace.updated.connect(self._follow)
        self._take_session(workspace.session)

    def _make_widgets(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.heading = QLabel()
        self.heading.setObjectName("properties_heading")
        self.heading.setTextFormat(Qt.TextFormat.RichText)
        self.heading.setContentsMargins(theme.SPACE_LARGE, theme.SPACE, theme.SPACE_LARGE, theme.SPACE)
        self.locked = QFrame()
        self.locked.setObjectName("properties_locked")
        row = QHBoxLayout(self.locked)
        row.setContentsMargins(theme.SPACE_LARGE, 0, theme.SPACE, theme.SPACE)
        row.addWidget(QLabel("Locked against edits"), 1)
        self.unlock = QPushButton("Unlock")
        self.unlock.setObjectName("properties_unlock")
        self.unlock.setAccessibleName("Unlock layer")
        self.unlock.setToolTip("Allow edits of this layer again")
        self.unlock.clicked.connect(self._unlock)
        row.addWidget(self.unlock)
        self.scroller = QScrollArea()
        self.scroller.setObjectName("properties_scroll")
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.content = QWidget()
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(0, 0, 0, theme.SPACE_LARGE)
        self.column.setSpacing(0)
        self.column.addStretch(1)
        self.scroller.setWidget(self.content)
        layout.addWidget(self.heading)
        layout.addWidget(self.locked)
        layout.addWidget(self.scroller, 1)

    def _prepare(self) -> None:
        """Make, at the start, what nearly all layers need: the first click on one must not wait for it."""
        mask = LayerMask(painted=RasterMask(tiles=Tiles(1, 1)))
        document = Document(width_px=1, height_px=1)
        for layer in (FillLayer(key="fill", name="", mask=mask), GroupLayer(key="group", name="")):
            for part in parts_of(document, layer):
                if part.kind in ("mask", "blending"):
                    section = Section(part, self._connect, self._wire)
                    section.setParent(self._store)
                    section.set_open(True)
                    self._spare.setdefault(shape(part), []).append(section)

    # -- what others ask

    @property
    def open_sections(self) -> dict[str, bool]:
        """Which kinds of sections the user has opened or closed; can be kept in the preferences."""
        return dict(self._open)

    @open_sections.setter
    def open_sections(self, kinds: dict[str, bool]) -> None:
        self._open = dict(kinds)
        self._settle_open()
        self._show_values()
        self._count()

    def section(self, kind: str, key: str = "") -> Section | None:
        """Return the section of a kind (``blending``, ``mask``, ``high_pass``), of a key where it is given."""
        found = (s for s in self._all() if s.part.kind == kind and (not key or s.part.key == key))
        return next(found, None)

    def editor(self, path: str) -> Editor | None:
        """Return the editor of a path, if its section has been opened."""
        return next((bound.editor for bound in self._bounds() if bound.row.path == path), None)

    def edit_filter(self, layer_key: str, filter_key: str) -> None:
        """Select a layer, open the section of one of its filters, bring it into view and focus its first field."""
        session = self.workspace.session
        if session is None:
            return
        if session.active != layer_key:
            session.select(layer_key)
        for section in self.sections:
            if section.part.role == "filter" and section.part.key == filter_key:
                self._set_open(section, True)
                bounds = [b for b in section.bounds if b.row.shown] or [
                    b for s in section.inner for b in s.bounds
                ]
                (bounds[0].editor if bounds else section.header).setFocus(Qt.FocusReason.OtherFocusReason)
                self.column.activate()
                self.scroller.ensureWidgetVisible(section, 0, 0)

    def set_mask_view(self, shown: tuple[str, Component] | None) -> None:
        """Show which mask is viewed as a picture: (layer's key, index of the component or None), or none."""
        self._viewed = shown
        self._show_switches()

    def set_hidden_overlay(self, key: str | None) -> None:
        """Show for which layer the pixels that Blend-If hides are marked."""
        self._overlay = key
        self._show_switches()

    # -- following the session

    def _take_session(self, session: Session | None) -> None:
        self._end_preview()
        self._histograms.forget()
        self._rebuild()
        self.scroller.verticalScrollBar().setValue(0)

    def _follow(self, update: Update) -> None:
        changing = self._changing
        if changing is not None:
            changing.follow()
        if not update.live:
            self._rebuild()
        elif changing is not None or any(
            # Strokes leave the values as they are.
            key in self._keys and aspects - {"mask", "pixels"}
            for key, aspects in update.changes.changed.items()
        ):
            self._show_values()

    @property
    def _layer(self) -> AnyLayer | None:
        session = self.workspace.session
        return None if session is None else session.active_layer

    def _rebuild(self) -> None:
        """Show the sections that the layer has; widgets stay, where it has the same ones as before."""
        session, layer = self.workspace.session, self._layer
        parts = () if session is None or layer is None else parts_of(session.document, layer)
        same_layer = bool(parts and self.parts) and parts[-1].layer == self.parts[-1].layer
        changing = self._changing
        if changing is not None and not same_layer:
            changing.editor.finish()  # which leads back here
            return
        if not same_layer and self._overlay is not None:
            self._toggle_overlay(None)
        # While a list is open its items are tried out; the sections stay as they are until one is chosen.
        if parts != self.parts and changing is None:
            alike = same_layer or [*map(shape, parts)] == [*map(shape, self.parts)]
            self.parts = parts
            self._keys = {part.layer for part in flat(parts)}
            self._lay_out()
            if not alike:
                self.scroller.verticalScrollBar().setValue(0)
        self._show_heading(session, layer)
        self._show_values()
        self._count()

    def _lay_out(self) -> None:
        shown, self.sections = self.sections, []
        for section in shown:
            self._spare.setdefault(shape(section.part), []).append(section)
        for place, part in enumerate(self.parts):
            spare = self._spare.get(shape(part))
            if spare:
                # The same one as before, where it can be, so that the focus stays.
                same = next((s for s in spare if s.part[2:4] == part[2:4]), spare[0])
                spare.remove(same)
                section = same
                section.bind(part, part)
            else:
                section = Section(part, self._connect, self._wire)
            self.sections.append(section)
            if self.column.indexOf(section) != place:
                self.column.insertWidget(place, section)
            section.show()
        kept = set(map(id, self.sections))
        for section in shown:
            if id(section) not in kept:
                section.setParent(self._store)
        self._settle_open()
        filters = [s for s in self.sections if s.part.role == "filter"]
        for place, section in enumerate(filters):
            section.movable = (place > 0, place < len(filters) - 1)

    def _settle_open(self) -> None:
        """Open and close the sections as their kinds are."""
        left = list(self.sections)
        for section in left:
            section.set_open(self._is_open(section.part))
            left += section.inner  # after it was opened, as that makes them

    def _all(self) -> list[Section]:
        """Return the sections and, as they were built, their inner ones."""
        found = list(self.sections)
        for section in found:
            found += section.inner
        return found

    def _bounds(self) -> list[Bound]:
        return [bound for section in self._all() for bound in section.bounds]

    def _is_open(self, part: Part) -> bool:
        kind = f"hidden_{part.kind}" if part.role == "hidden" else part.kind
        return self._open.get(kind, kind not in CLOSED)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_heading(self.workspace.session, self._layer)

    # -- showing

    def _show_heading(self, session: Session | None, layer: AnyLayer | None) -> None:
        if session is None or layer is None:
            hint = "Open a document to see its layers' properties." if session is None else "Select a layer."
            self.heading.setText(f"<span style='color:{theme.DIM_TEXT}'>{hint}</span>")
            self.locked.hide()
            return
        room = self.width() - 2 * theme.SPACE_LARGE - 110
        name = self.fontMetrics().elidedText(layer.name, Qt.TextElideMode.ElideRight, max(room, 80))
        kind = KINDS[str(layer.__struct_config__.tag)]
        name = name.replace("&", "&amp;").replace("<", "&lt;")
        self.heading.setText(f"<b>{name}</b>&nbsp;&nbsp;<span style='color:{theme.DIM_TEXT}'>{kind}</span>")
        self.heading.setToolTip(f"{layer.name} ({layer.key})")
        locked = is_locked(session.document, layer.key)
        self.locked.setVisible(locked)
        self.unlock.setVisible(layer.locked)
        self.content.setEnabled(not locked)

    def _show_values(self) -> None:
        session = self.workspace.session
        if session is None or not self.parts:
            return
        values = values_of(session.document, self.parts)
        for section in self._all():
            if section.part.eye in values:
                section.set_eye(values[section.part.eye])
            if section.is_open:
                for bound in section.bounds:
                    path = bound.row.path
                    if path in values and bound.editor.value() != values[path]:
                        bound.editor.set_value(values[path])
        self._show_switches()

    def _show_switches(self) -> None:
        """Show what is switched in the headers and buttons that belongs to the window rather than to the document."""
        session = self.workspace.session
        for section in self._all():
            part = section.part
            section.alone.setChecked(part.kind in self._alone)
            if part.role == "component":
                component = None if session is None else component_of(session.document, part)
                section.view.setChecked(self._viewed == (part.layer, component))
            elif part.painted and section.mask_view is not None:
                section.mask_view.setChecked(self._viewed == (part.layer, None))
            for bound in section.bounds:
                if isinstance(bound.editor, BlendIfEditor):
                    bound.editor.set_overlay(self._overlay == part.layer)

    # -- gestures

    def _connect(self, bound: Bound) -> None:
        editor = bound.editor
        made = EditorGesture(
            self.workspace,
            editor,
            lambda: bound.row.undo,
            lambda document, value: applied(document, bound.row, value),
            self._ended,
        )
        self._gestures.append(made)
        editor.started.connect(lambda: self._begin_preview(bound))
        if isinstance(editor, BlendIfEditor):
            editor.overlay_toggled.connect(lambda on: self._toggle_overlay(bound.part.layer if on else None))

    @property
    def _changing(self) -> EditorGesture | None:
        """The gesture that is under way here."""
        return next((each for each in self._gestures if each.gesture is not None), None)

    def _begin_preview(self, bound: Bound) -> None:
        owner = bound.owner
        if bound.row.parameter.unit == "px" and owner.role == "filter" and owner.kind in self._alone:
            self._previewing = True
            self.filter_preview.emit(owner.layer, owner.key)

    def _ended(self) -> None:
        self._end_preview()
        self._show_values()

    def _end_preview(self) -> None:
        if self._previewing:
            self._previewing = False
            self.filter_preview_ended.emit()

    # -- sections

    def _wire(self, section: Section) -> None:
        section.opened.connect(lambda on: self._open_by_hand(section, on))
        section.switched.connect(lambda on: self._switch(section, on))
        section.alone_switched.connect(lambda on: self._switch_alone(section.part.kind, on))
        section.command.connect(lambda name: self._run(section, name))

    def _set_open(self, section: Section, on: bool) -> None:
        part = section.part
        self._open[f"hidden_{part.kind}" if part.role == "hidden" else part.kind] = on
        self._settle_open()
        self._show_values()
        self._count()

    def _open_by_hand(self, section: Section, on: bool) -> None:
        """Open or close a section; of one that was opened, bring into view as much as there is room for."""
        self._set_open(section, on)
        if on:
            self.column.activate()
            self.content.resize(self.content.width(), self.content.sizeHint().height())
            top = section.mapTo(self.content, QPoint()).y()
            bar, room = self.scroller.verticalScrollBar(), self.scroller.viewport().height()
            bar.setValue(min(max(bar.value(), top + section.height() - room), top))

    def _switch_alone(self, kind: str, on: bool) -> None:
        (self._alone.add if on else self._alone.discard)(kind)
        self._show_switches()

    def _toggle_overlay(self, key: str | None) -> None:
        self._overlay = key
        self.hidden_overlay.emit(key)

    def _switch(self, section: Section, on: bool) -> None:
        session = self.workspace.session
        if session is not None:
            section.set_eye(on)
            switch(session, section.part, on)

    def _unlock(self) -> None:
        session, layer = self.workspace.session, self._layer
        if session is not None and layer is not None:
            session.set(f"{layer.key}.locked", False, f"Unlock {layer.name}")

    def _run(self, section: Section, name: str) -> None:
        """Do what a header's menu or a button of a section says."""
        session, part = self.workspace.session, section.part
        if session is not None and name == "view":
            self._show_switches()  # as it is, until the window says that it has changed
            self.mask_view_requested.emit(part.layer, component_of(session.document, part))
        else:
            attempt(self.workspace, lambda session: run(session, part, name))

    # -- histograms

    def _count(self) -> None:
        """Count what Blend-If judges, where its section is open and the values have changed."""
        session, layer = self.workspace.session, self._layer
        section = next((s for s in self.sections if s.part.kind == "blend_if"), None)
        if session is None or layer is None or section is None or not section.is_open:
            return
        if session.gesture is None:
            self._histograms.count(session.document, layer)

    def _show_counts(self, counts: tuple[Counts, Counts] | None) -> None:
        for bound in self._bounds():
            if bound.row.parameter is BLEND_IF and isinstance(bound.editor, BlendIfEditor):
                bound.editor.set_histograms(*(counts or (None, None)))
