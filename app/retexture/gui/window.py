"""The main window: what there is and where it lies. What it does is in the commands, the panels and the tools."""

from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from retexture.filters import Filter
from retexture.gui import commands_select
from retexture.gui.brush_tool import BrushTool, EraserTool, GradientTool, PaintState
from retexture.gui.canvas import Canvas
from retexture.gui.canvas_menu import show_canvas_menu
from retexture.gui.clipboard import Clipboard
from retexture.gui.clone_options import CloneOptions
from retexture.gui.clone_state import CloneState
from retexture.gui.clone_tool import CloneTool
from retexture.gui.command_search import CommandSearch
from retexture.gui.commands import refresh
from retexture.gui.commands_window import PANELS
from retexture.gui.compare_bar import CompareBar
from retexture.gui.crash_dialog import show_crash
from retexture.gui.digits import DigitKeys
from retexture.gui.document_tabs import DocumentTabs
from retexture.gui.dodge_tool import DodgeOptions, DodgeState, DodgeTool
from retexture.gui.guide_panel import GuidePanel
from retexture.gui.healing_tool import HealingTool
from retexture.gui.histogram_panel import HistogramPanel
from retexture.gui.history_panel import HistoryPanel
from retexture.gui.icons import icon
from retexture.gui.lasso_tool import LassoTool
from retexture.gui.layers_panel import LayersPanel
from retexture.gui.loss_overlay import LossOverlay
from retexture.gui.luminosity_panel import LuminosityPanel
from retexture.gui.marquee_tool import MarqueeTool
from retexture.gui.menu_bar import make_menus
from retexture.gui.navigator_panel import NavigatorPanel
from retexture.gui.next_tool import NEXT, found_tools, take_brush, take_dodge
from retexture.gui.open_files import Opener
from retexture.gui.panel_dock import PanelDocks
from retexture.gui.properties_panel import PropertiesPanel
from retexture.gui.restoration_panel import RestorationPanel
from retexture.gui.saver import Saver
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.selection_options import TOOLS as SELECTION_TOOLS
from retexture.gui.selection_options import SelectionOptions
from retexture.gui.selection_tool import SelectState
from retexture.gui.selector import Selector
from retexture.gui.start_page import StartPage
from retexture.gui.status_bar import StatusBar
from retexture.gui.tool_bar import ToolBar
from retexture.gui.tool_options import ToolOptions
from retexture.gui.tools import PanTool, Tool, ZoomTool
from retexture.gui.transform_options import TransformOptions
from retexture.gui.transform_tool import MoveTool, TransformState
from retexture.gui.wand_tool import WandTool
from retexture.gui.window_state import remember, restore
from retexture.gui.workspace import Workspace
from retexture.session.guides import GUIDES, brush_size_px
from retexture.session.opening import BLACK_MASKED
from retexture.session.preferences import Preferences
from retexture.session.session import Session, Update
from retexture.session.view import Point

TITLE = "Retexture"


class MainWindow(QMainWindow):
    """The window over one workspace."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.workspace: Workspace = Workspace(preferences)
        self.screen_profile = ScreenProfile()
        self.paint: PaintState = PaintState()
        self.clone = CloneState()
        self.dodging = DodgeState()
        self.selecting = SelectState()
        self.selector: Selector = Selector(self.workspace)
        self.transforming = TransformState(self.workspace)
        self.clipboard: Clipboard = Clipboard(self.workspace)
        self.last_filter: Filter | None = None
        """What Filter > Last Filter adds."""
        self.canvas: Canvas = Canvas(self.workspace, self.screen_profile)
        self.loss: LossOverlay = LossOverlay(self.workspace, self.canvas)
        self.opener: Opener = Opener(self.workspace, self)
        self.saver: Saver = Saver(self.workspace, self)
        self._make_tools()
        self._make_centre()
        self._make_panels()
        self._make_menus()
        self._make_keys()
        self._connect()
        restore(self)
        self._take_session(None)

    # -- parts

    def _make_tools(self) -> None:
        self.tools: dict[str, Tool] = {
            tool.name: tool
            for tool in (
                MoveTool(self.transforming),
                MarqueeTool(self.selecting, self.selector),
                LassoTool(self.selecting, self.selector),
                WandTool(self.selecting, self.selector),
                BrushTool(self.paint),
                EraserTool(self.paint),
                CloneTool(self.paint, self.clone),
                HealingTool(self.paint, self.clone),
                DodgeTool(self.paint, self.dodging),
                GradientTool(self.paint),
                PanTool(),
                ZoomTool(),
            )
        }
        self.tool_bar = ToolBar(self.tools.values())
        self.tool_bar.chosen.connect(self.set_tool)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.tool_bar)
        self.tool_options = ToolOptions(self.workspace)
        self.clone_options = CloneOptions(self.clone)
        self.tool_options.add_box(
            self.clone_options, ("clone", "heal"), lambda: self.clone_options.needs_brush
        )
        self.tool_options.add_box(DodgeOptions(self.dodging), ("dodge",), lambda: True)
        self.selection_options = SelectionOptions(self.selecting)
        self.tool_options.add_box(self.selection_options, SELECTION_TOOLS)
        self.transforming.changed.connect(self._show_transform)  # before its buttons hide, and lose the focus
        self.transform_options = TransformOptions(self.transforming)
        self.tool_options.add_box(self.transform_options, ("move",))
        options = QToolBar("Tool options")
        options.setObjectName("tool_options_bar")
        options.setMovable(False)
        options.addWidget(self.tool_options)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, options)
        self._bars = (self.tool_bar, options)

    def _make_centre(self) -> None:
        self.tabs = DocumentTabs(self.workspace)
        self.compare_bar = CompareBar(self.canvas)
        editor = QWidget()
        layout = QVBoxLayout(editor)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.compare_bar)
        self.start_page = StartPage(self.workspace)
        self._centre = QStackedWidget()
        self._centre.addWidget(self.start_page)
        self._centre.addWidget(editor)
        self.setCentralWidget(self._centre)
        self.status = StatusBar(self.workspace)
        self.setStatusBar(self.status)

    def _make_panels(self) -> None:
        self.properties = PropertiesPanel(self.workspace)
        self.layers = LayersPanel(self.workspace)
        self.history = HistoryPanel(self.workspace)
        self.navigator = NavigatorPanel(self.workspace, self.screen_profile)
        self.histogram = HistogramPanel(self.workspace)
        self.luminosity = LuminosityPanel(self.workspace, self.selector)
        self.restoration: RestorationPanel = RestorationPanel(self.workspace, self.canvas.spots)
        self.guide = GuidePanel(self.workspace)
        right, left = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.LeftDockWidgetArea
        self.panels = PanelDocks(self, self.workspace)
        self.docks = self.panels.docks
        # Luminosity lies where channels are looked for.
        for name, panel, place in (
            ("properties", self.properties, right),
            ("restoration", self.restoration, "properties"),
            ("history", self.history, "properties"),
            ("navigator", self.navigator, "properties"),
            ("layers", self.layers, right),
            ("luminosity", self.luminosity, "layers"),
            ("histogram", self.histogram, "layers"),
            ("guide", self.guide, left),
        ):
            self.panels.add(name, PANELS[name][0], panel, place)
        for panel in (self.history, self.navigator, self.histogram, self.luminosity):
            dock = self.docks[panel.objectName().removesuffix("_panel")]
            dock.visibilityChanged.connect(lambda _seen, panel=panel: panel.come_forward())
        self.panels.arrange()

    def _make_menus(self) -> None:
        self.actions_ = make_menus(self)
        self.search = CommandSearch(self, [*self.actions_, *found_tools(self)])
        quick_mask = next(a for c, a in self.actions_ if c.name == "quick_mask")
        quick_mask.setIcon(icon("quick_mask"))
        self.tool_bar.addSeparator()
        self.tool_bar.add(quick_mask, "Quick Mask")

    def _make_keys(self) -> None:
        self.digits = DigitKeys(self)
        for key, take in NEXT.items():
            QShortcut(QKeySequence(f"Shift+{key}"), self).activated.connect(partial(take, self))

    def _connect(self) -> None:
        workspace, canvas = self.workspace, self.canvas

        def show_filter(layer_key: str, filter_key: str) -> None:
            canvas.set_look(filter=(layer_key, filter_key))

        workspace.session_changed.connect(self._take_session)
        workspace.updated.connect(self._follow)
        self.saver.autosaving.connect(lambda: remember(self))
        workspace.message.connect(self.status.show_message)
        workspace.crashed.connect(lambda crash: show_crash(self, crash))
        self.tabs.tabCloseRequested.connect(lambda index: self.saver.close(workspace.sessions[index]))
        canvas.view_changed.connect(self.navigator.set_view)
        canvas.view_changed.connect(lambda view, _size: self.status.set_zoom(view.zoom))
        canvas.cursor_moved.connect(self._show_values)
        canvas.look_changed.connect(self._look_changed)
        canvas.menu_requested.connect(lambda at: show_canvas_menu(self, at))
        self.status.zoom_chosen.connect(canvas.zoom_to)
        self.status.values_read.connect(self.histogram.set_cursor_values)
        self.navigator.view_moved.connect(
            lambda point: canvas.set_view(msgspec.structs.replace(canvas.view, centre=point))
        )
        self.navigator.zoom_chosen.connect(canvas.zoom_to)
        self.layers.mask_view_requested.connect(canvas.toggle_mask_view)
        self.layers.filter_activated.connect(self._edit_filter)
        self.layers.tree.selection_requested.connect(
            lambda key, what, mode: commands_select.load(self, key, what, mode)
        )
        self.properties.filter_preview.connect(show_filter)
        self.properties.filter_preview_ended.connect(lambda: canvas.set_look(filter=None))
        self.properties.mask_view_requested.connect(canvas.toggle_mask_view)
        self.restoration.masks.view_requested.connect(canvas.toggle_mask_view)
        self.restoration.masks.film_requested.connect(canvas.toggle_film)
        self.restoration.place_requested.connect(canvas.show_place)
        canvas.spots.shown_changed.connect(lambda _on: self.refresh_commands())
        self.properties.hidden_overlay.connect(lambda key: canvas.set_look(hidden_of=key))
        self.guide.page.filter_preview.connect(show_filter)
        self.guide.page.filter_preview_ended.connect(lambda: canvas.set_look(filter=None))
        self.guide.page.brush_requested.connect(partial(take_brush, self))
        self.guide.page.dodge_requested.connect(partial(take_dodge, self))
        self.guide.page.close_look_requested.connect(canvas.look_closely)
        self.guide.page.compare_requested.connect(lambda mode: canvas.set_look(mode=mode))
        self.loss.tie(self.guide.page, self.restoration)
        self.loss.switched.connect(lambda _on: self.refresh_commands())
        self.guide.page.rubylith_toggled.connect(lambda on: canvas.set_look(rubylith=on))
        self.guide.closed.connect(self._close_guide)
        self.docks["guide"].toggleViewAction().triggered.connect(self.guide.set_open)
        self.opener.built.connect(self._built)
        self.opener.recent_changed.connect(self.start_page.refresh)
        self.start_page.open_requested.connect(self.opener.ask)
        self.start_page.open_pair_requested.connect(self.opener.ask_for_pictures)
        self.start_page.sample_requested.connect(self.opener.open_sample)
        self.start_page.recent_requested.connect(lambda path: self.opener.open_paths([Path(path)]))
        self.start_page.files_dropped.connect(self.opener.open_paths)
        self._connect_brush()
        self.screen_profile.changed.connect(lambda: self.status.set_screen_profile(self.screen_profile.name))

    def _connect_brush(self) -> None:
        options, paint = self.tool_options, self.paint
        brush, ink, mask = options.brush_options, options.ink_options, options.mask_options
        brush.set_brush(paint.brush)
        brush.changed.connect(paint.set_brush)
        ink.white_changed.connect(paint.set_white)
        ink.colour_changed.connect(paint.set_colour)

        def show() -> None:
            brush.set_brush(paint.brush)
            ink.set_white(paint.white)
            ink.set_colour(paint.colour)
            self.canvas.refresh_cursor()

        def follow_quick_mask(_event: object) -> None:
            paint.set_quick_mask(self.session is not None and self.session.quick_mask)

        paint.changed.connect(show)
        self.workspace.updated.connect(follow_quick_mask)
        self.workspace.session_changed.connect(follow_quick_mask)
        mask.rubylith_toggled.connect(lambda on: self.canvas.set_look(rubylith=on))
        mask.view_requested.connect(self.canvas.toggle_mask_view)
        mask.gradient_requested.connect(lambda: self.set_tool("gradient"))
        options.number_entered.connect(self.canvas.setFocus)
        options.fit_requested.connect(self.canvas.fit)
        options.zoom_requested.connect(self.canvas.zoom_to)
        options.gradient_kind_changed.connect(self._set_gradient_kind)
        self.clone.changed.connect(self._show_healing)

    # -- state

    @property
    def session(self) -> Session | None:
        """The document in front."""
        return self.workspace.session

    @property
    def idle(self) -> bool:
        """Whether nothing is under way and the exact picture is shown."""
        return self.workspace.idle and self.canvas.settled

    def _take_session(self, session: Session | None) -> None:
        self._show_title()
        self._centre.setCurrentIndex(0 if session is None else 1)
        self.panels.show(session)  # first: the state that it keeps or restores says which bars are shown
        self.docks["guide"].setVisible(self.guide.is_open)
        for bar in self._bars:
            bar.setVisible(session is not None)
        if session is not None:
            self.canvas.setFocus()
        if not self.canvas.tool.name:
            self.set_tool("brush")
        self.refresh_commands()
        self.start_page.refresh()

    def _show_title(self) -> None:
        shown = self.session
        self.setWindowTitle(TITLE if shown is None else f"{shown.title}[*] - {TITLE}")
        self.setWindowModified(shown is not None and shown.modified)

    def _follow(self, update: Update) -> None:
        if update.file or update.history:
            self._show_title()
        if not update.live:
            self.refresh_commands()

    def refresh_commands(self) -> None:
        """Show which commands can be run and which are on."""
        refresh(self.actions_, self)

    def _look_changed(self) -> None:
        self.compare_bar.refresh()
        look = self.canvas.look
        self.tool_options.mask_options.set_rubylith(look.rubylith)
        self.tool_options.mask_options.set_view(look.mask_of is not None)
        self.properties.set_mask_view(look.mask_of)
        self.restoration.masks.set_views(look.mask_of, look.film_of)
        self.properties.set_hidden_overlay(look.hidden_of)
        self.refresh_commands()

    def _built(self, session: Session) -> None:
        """A recipe has just made a document: open its guide, with the brush to paint in what its mask hides."""
        if session.recipe in BLACK_MASKED:
            brush = next(step.brush for step in GUIDES[session.recipe] if step.brush is not None)
            take_brush(self, brush_size_px(session.document, brush), brush.opacity, brush.white)
        self.open_guide(session)

    def open_guide(self, session: Session) -> None:
        """Show the steps of a document's recipe, from the first one."""
        self.workspace.activate(session)
        self.guide.restart()
        self.docks["guide"].show()

    def find_command(self) -> None:
        """Open the search over all commands."""
        self.refresh_commands()
        self.search.open()

    def _close_guide(self) -> None:
        self.docks["guide"].hide()
        self.canvas.setFocus()

    # -- tools

    def set_tool(self, name: str) -> None:
        """Take a tool."""
        if name != "move":
            self.transforming.commit()
        tool = self.canvas.tool = self.tools[name]
        if isinstance(tool, BrushTool):
            self.paint.take(tool.kind)
        if isinstance(tool, CloneTool):
            self.clone_options.set_tool(name)
        if name in SELECTION_TOOLS:
            self.selection_options.set_tool(name)
        self.tool_bar.show_tool(name)
        self._show_options()
        self.canvas.refresh_cursor()

    def _show_transform(self) -> None:
        """Show the box under way, or that it is gone; the canvas has the keys that end it."""
        self.canvas.update()
        focus = QApplication.focusWidget()
        ended = self.transforming.box is None
        if ended and focus is not None and self.transform_options.isAncestorOf(focus):
            self.canvas.setFocus()

    def _show_healing(self) -> None:
        """Show the way to heal that was chosen."""
        self._show_options()
        self.canvas.refresh_cursor()
        self.canvas.update()

    def _show_options(self) -> None:
        tool = self.canvas.tool
        self.tool_options.set_tool(tool.name)
        if isinstance(tool, HealingTool):
            self.tool_options.name.setText(tool.step_label)

    def _set_gradient_kind(self, kind: str) -> None:
        tool = self.tools["gradient"]
        assert isinstance(tool, GradientTool)
        tool.kind = "radial" if kind == "radial" else "linear"

    # -- views

    def _edit_filter(self, layer_key: str, filter_key: str) -> None:
        self.docks["properties"].raise_()
        self.properties.edit_filter(layer_key, filter_key)

    def _show_values(self, point: object) -> None:
        assert point is None or isinstance(point, Point)
        self.status.set_cursor(self.canvas, point)

    # -- files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.opener.open_paths(_paths(event.mimeData()))

    # -- beginning and end

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.screen_profile.follow(self.windowHandle())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.saver.autosave()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work, remember how the window was, and stop the threads."""
        if not self.saver.may_end():
            event.ignore()
            return
        self.saver.end()
        self.canvas.close()
        remember(self)
        self.saver.save_preferences()
        self.workspace.close()
        super().closeEvent(event)


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
