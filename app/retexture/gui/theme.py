"""The look: neutral dark greys, so that nothing beside a picture shifts how its colours are seen."""

from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from retexture.gui.resources import resource

# Colours are "#rrggbb": QColor(theme.PANEL) for painting, the text itself for style sheets.
WINDOW = "#2b2b2b"
PANEL = "#323232"
FIELD = "#252525"
"""Where something is typed or listed."""
LINE = "#1e1e1e"
"""Between areas, and around fields."""
RAISED = "#3c3c3c"
"""Menus, tool tips, headers, what the pointer is over."""
BUTTON = "#474747"
SELECTED = "#505050"
"""Behind a chosen row, tab or tool."""
CONTROL = "#8a8a8a"
"""Outlines of check boxes, the filled part of a slider: 3:1 beside FIELD and PANEL."""
TEXT = "#d6d6d6"
BRIGHT_TEXT = "#f2f2f2"
"""On SELECTED, and on an accent."""
DIM_TEXT = "#9a9a9a"
"""Hints and units; on PANEL or darker only, for contrast."""
DISABLED_TEXT = "#7c7c7c"

ACCENT = "#5b8bb5"
"""Keyboard focus."""
SELECTION = "#40658a"
"""ACCENT darkened, behind selected text and a menu's current entry."""
WARNING = "#d9a441"
ERROR = "#e8857a"

CANVAS = "#282828"
"""Around the picture, until the user chooses another of `SURROUNDS`."""
SURROUNDS = {"Dark grey": CANVAS, "Mid grey": "#7f7f7f", "Black": "#000000", "White": "#ffffff"}

SPACE_SMALL, SPACE, SPACE_LARGE = 4, 8, 12
"""Between a label and its control; between controls; around a panel. In device-independent pixels."""

CONTROL_HEIGHT = 26
ROW_HEIGHT = 32
"""Of a tree's rows."""
SMALLEST_FONT_PX, LARGEST_FONT_PX = 12, 13


def palette() -> QPalette:
    """Return the palette: every role in every group."""
    roles = {
        QPalette.ColorRole.Window: WINDOW,
        QPalette.ColorRole.WindowText: TEXT,
        QPalette.ColorRole.Base: FIELD,
        QPalette.ColorRole.AlternateBase: "#2a2a2a",
        QPalette.ColorRole.Text: TEXT,
        QPalette.ColorRole.PlaceholderText: DIM_TEXT,
        QPalette.ColorRole.Button: BUTTON,
        QPalette.ColorRole.ButtonText: TEXT,
        QPalette.ColorRole.BrightText: "#ffffff",
        QPalette.ColorRole.Light: "#5a5a5a",
        QPalette.ColorRole.Midlight: "#4c4c4c",
        QPalette.ColorRole.Mid: RAISED,
        QPalette.ColorRole.Dark: LINE,
        QPalette.ColorRole.Shadow: "#141414",
        QPalette.ColorRole.Highlight: SELECTION,
        QPalette.ColorRole.HighlightedText: BRIGHT_TEXT,
        QPalette.ColorRole.Accent: ACCENT,
        QPalette.ColorRole.Link: "#8ab4dc",
        QPalette.ColorRole.LinkVisited: "#8ab4dc",
        QPalette.ColorRole.ToolTipBase: RAISED,
        QPalette.ColorRole.ToolTipText: TEXT,
    }
    disabled = {
        QPalette.ColorRole.WindowText: DISABLED_TEXT,
        QPalette.ColorRole.Text: DISABLED_TEXT,
        QPalette.ColorRole.Base: "#2d2d2d",
        QPalette.ColorRole.PlaceholderText: "#686868",
        QPalette.ColorRole.Button: RAISED,
        QPalette.ColorRole.ButtonText: DISABLED_TEXT,
        QPalette.ColorRole.BrightText: DISABLED_TEXT,
        QPalette.ColorRole.Highlight: BUTTON,
        QPalette.ColorRole.HighlightedText: CONTROL,
        QPalette.ColorRole.Accent: CONTROL,
        QPalette.ColorRole.Link: DISABLED_TEXT,
        QPalette.ColorRole.LinkVisited: DISABLED_TEXT,
    }
    made = QPalette()
    for role, colour in roles.items():
        made.setColor(QPalette.ColorGroup.All, role, QColor(colour))
    for role, colour in disabled.items():
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colour))
    return made


def font() -> QFont:
    """Return the system's font for interfaces, 12 to 13 px high."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    height = QFontInfo(made).pixelSize()
    made.setPixelSize(min(max(height, SMALLEST_FONT_PX), LARGEST_FONT_PX))
    return made


def style_sheet() -> str:
    """Return what Fusion and the palette leave to be said, as one style sheet."""
    template = Template(resource("theme/style.qss").read_text(encoding="utf-8"))
    names = {name: value for name, value in globals().items() if name.isupper()}
    folders = {"PICTURES": "theme/check.svg", "ICONS": "icons/eye.svg"}
    return template.substitute(
        names, **{name: resource(path).parent.as_posix() for name, path in folders.items()}
    )


def apply(app: QApplication) -> None:
    """Give the program its look: style, palette, font, style sheet."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette())
    # Fusion paints a spin box's buttons and frame from the colour of buttons: here they are part of the field.
    flat = palette()
    flat.setColor(QPalette.ColorGroup.All, QPalette.ColorRole.Button, QColor(FIELD))
    # The ring of focus is Highlight, darkened.
    flat.setColor(QPalette.ColorGroup.All, QPalette.ColorRole.Highlight, QColor(ACCENT).lighter(125))
    app.setPalette(flat, "QAbstractSpinBox")  # type: ignore[arg-type]  # the stub says bytes, which fail
    app.setFont(font())
    app.setStyleSheet(style_sheet())
    # Folders, files and arrows of Qt's own dialogs: the desktop's have colours.
    QIcon.setThemeSearchPaths([resource("stock/retexture/index.theme").parents[1].as_posix()])
    QIcon.setThemeName("retexture")
