"""What the headers, menus and buttons of sections in Properties do to the document."""

from retexture.document.tree import filters_of, known
from retexture.gui.property_parts import Part
from retexture.session import masks
from retexture.session.filter_edits import delete_filter, move_filter, set_filter_enabled, set_filter_mask
from retexture.session.mask_edits import delete_component, set_mask_enabled
from retexture.session.painting import edit_mask, fill_mask
from retexture.session.selection_edits import add_filter_mask
from retexture.session.session import Session


def switch(session: Session, part: Part, on: bool) -> None:
    """Switch what a section stands for on or off."""
    if part.role == "filter":
        set_filter_enabled(session, part.layer, part.key, on)
    elif part.role == "mask":
        set_mask_enabled(session, part.layer, on)
    elif part.eye is not None:
        session.set(part.eye, on, f"{'Enable' if on else 'Disable'} {part.title}")


def run(session: Session, part: Part, name: str) -> None:
    """Carry out a section's command: ``up``, ``down``, ``delete``, ``add_mask``, ``invert``, ``white``, ``black``.

    Raises:
        ValueError: it cannot be done; in words for the user.
    """
    match name:
        case "invert":
            edit_mask(session, "Invert mask", masks.invert, "mask")
        case "white":
            fill_mask(session, white=True, target="mask")
        case "black":
            fill_mask(session, white=False, target="mask")
        case "up" | "down":
            keys = [item.key for item in filters_of(known(session.document, part.layer))]
            # The topmost is the one that is applied last.
            place = keys.index(part.key) + (1 if name == "up" else -1)
            move_filter(session, part.layer, part.key, place)
        case "delete" if part.role == "filter":
            delete_filter(session, part.layer, part.key)
        case "delete" if part.role == "filter_mask":
            set_filter_mask(session, part.layer, part.key, None)
        case "add_mask":
            add_filter_mask(session, part.layer, part.key)
        case "delete":
            delete_component(session, part.layer, part.key, part.title)
