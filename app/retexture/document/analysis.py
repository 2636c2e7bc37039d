"""What was measured on the pictures of an automatic restoration: kept in the document, beside what was made of it."""

from typing import Annotated, Literal

import msgspec

from retexture.declare import number


class Spot(msgspec.Struct, frozen=True):
    """A place where the retouching took a blemish away. Lengths in document pixels."""

    x_px: float
    y_px: float
    radius_px: float
    score: float
    """How far it stands out; the sensitivity is a threshold on it."""
    kind: str = "dark"
    """What it looks like: dark, red, bright or line; or added: the user has pointed it out."""
    kept_out: bool | None = None
    """What the user decided: True keeps the blemish out, False lets it come back (a mole). None: the sensitivity."""


class FaceBox(msgspec.Struct, frozen=True):
    """A face, in document pixels."""

    x_px: float
    y_px: float
    width_px: float
    height_px: float
    plasticness: float
    """How much of its skin's texture the retouching took, 0-1."""


Grid = Literal["original", "retouched"]


class AlignmentReport(msgspec.Struct, frozen=True):
    """How the retouched picture lay on the original."""

    matrix: tuple[float, ...]
    """Six numbers, row by row: original to retouched coordinates in px, without the bend."""
    bend_px: float
    """Largest further displacement."""
    coverage: float
    """Part of what both pictures show where the match is certain, 0-1."""
    residual_px: float
    """Median disagreement of matching forth and back."""
    mirrored: bool = False
    quarter_turns: int = 0
    resampled: bool = True
    """False: it lay exactly, and its pixels are untouched."""
    covered: float = 1.0
    """Part of the original that the retouched picture shows, 0-1."""
    grid: Grid = "original"
    """Whose pixels were kept; the other picture was resampled."""


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """The measurements, and the decisions on blemishes."""

    inputs: tuple[str, str]
    """Ids of the pixels of the original and the retouched picture that were measured."""
    skin: Literal["face", "colour", "mask", "none"]
    """How skin was found."""
    mask: str = ""
    """Id of the tiles of the texture's mask as it was made: another one was painted on."""
    faces: tuple[FaceBox, ...] = ()
    plasticness: float = 0.0
    """Over all skin, 0-1."""
    radius_px: float = 0.0
    """Where original and retouched picture begin to differ: the graft's radius."""
    relight: float = 0.5
    """How far texture follows the tone, see `TextureTransfer`."""
    alignment: AlignmentReport | None = None
    """None: taken as aligned."""
    spots: tuple[Spot, ...] = ()
    """All candidates, the most certain first."""
    sensitivity: Annotated[
        float,
        number(0, 100, help="How faint a removed blemish may be to be kept out; 0 keeps none out."),
    ] = 50.0
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""
