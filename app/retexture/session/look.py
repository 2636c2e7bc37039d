"""What a window shows of a document, and how."""

from typing import Literal

import msgspec

from retexture.session import pictures
from retexture.session.drawing import Picture
from retexture.session.session import Session
from retexture.session.texture_loss import Heat, measured_on
from retexture.session.view import View

Mode = Literal["single", "side", "stack", "wipe"]


class Look(msgspec.Struct, frozen=True):
    """Which pictures are shown, where, and what is laid over the result."""

    view: View | None = None
    """None: to be fitted."""
    fitted: bool = False
    """The view shows all of the picture, and goes on to do so when the window's size changes."""
    mode: Mode = "single"
    before: str = ""
    after: str = pictures.RESULT
    wipe: float = 0.5
    """Where the split line lies, 0-1 of the width."""
    rubylith: bool = False
    """A red film where the painted mask of the active layer hides it."""
    film_of: tuple[str, pictures.Component] | None = None
    """A layer and which of its masks a red film shows instead."""
    contrast: bool = False
    """The result in black and white under a steep curve, to judge light and shade by."""
    mask_of: tuple[str, pictures.Component] | None = None
    """A layer, and which of its masks is viewed."""
    hidden_of: str | None = None
    """A layer whose pixels that Blend-If hides are tinted."""
    filter: tuple[str, str] | None = None
    """A layer and one of its filters, whose output is shown alone."""
    heat: Heat | None = None
    """Where texture was lost, in colours."""

    @property
    def plain(self) -> bool:
        """Whether the result is shown as it is."""
        over = self.contrast or self.rubylith or self.film_of or self.hidden_of or self.heat
        return not (over or self.mask_of or self.filter)

    def settled(self, session: Session) -> "Look":
        """Return the look without what the document no longer has."""
        document = session.document
        changes: dict[str, str | None] = {}
        names = ("", *pictures.names(session))
        if self.before not in names:
            changes["before"] = pictures.default_before(session)
        if self.after not in names:
            changes["after"] = pictures.RESULT
        if self.mask_of is not None and not pictures.has_mask(document, *self.mask_of):
            changes["mask_of"] = None
        if self.film_of is not None and not pictures.has_mask(document, *self.film_of):
            changes["film_of"] = None
        if self.hidden_of is not None and not pictures.has_layer(document, self.hidden_of):
            changes["hidden_of"] = None
        if self.filter is not None and not pictures.has_filter(document, *self.filter):
            changes["filter"] = None
        if self.heat is not None and self.heat.of != measured_on(document):
            changes["heat"] = None
        return msgspec.structs.replace(self, **changes) if changes else self

    def picture(self, session: Session, name: str) -> Picture:
        """Return a picture of a settled look by name; what lies over it lies over the result alone."""
        document = pictures.named(session, name)
        if name == pictures.RESULT and session.quick_mask:
            under = pictures.with_contrast(document) if self.contrast else document
            return Picture(pictures.with_film(under), self.hidden_of)
        if name != pictures.RESULT or self.plain:
            return Picture(document)
        if self.filter is not None:
            return Picture(pictures.filter_picture(document, *self.filter))
        if self.mask_of is not None:
            return Picture(pictures.mask_picture(document, *self.mask_of))
        if self.contrast:
            document = pictures.with_contrast(document)
        if self.film_of is not None:
            document = pictures.with_rubylith(document, *self.film_of)
        elif self.rubylith and session.active is not None:
            document = pictures.with_rubylith(document, session.active, pictures.component_of(session.target))
        return Picture(document, self.hidden_of, self.heat)
