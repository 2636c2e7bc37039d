"""``python -m retexture.cli.demo DIR``: the sample pair made, restored, and shown before and after; and the window."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retexture.cli.console import Parser
from retexture.cli.main import guarded
from retexture.cli.main import main as retexture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    U8 = NDArray[np.uint8]

EDGE = 480
"""Of each picture shown, in pixels."""
LABEL = 40
GAP = 8
CENTRE = (0.37, 0.55)
"""Of the crop, as parts of width and height: an eye and the cheek below it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Make the demonstration in the folder that the arguments name; return the exit code."""
    parser = Parser(
        prog="python -m retexture.cli.demo",
        description="Make the sample pair in DIR, restore it, and show before and after.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="a folder; made if it does not exist")
    parser.add_argument("--overwrite", action="store_true", help="make the sample pair anew")
    args = parser.parse_args(argv)
    return guarded(lambda: make(args.directory, args.overwrite))


def make(directory: Path, overwrite: bool) -> int:
    """Restore the sample in a folder, making it first where it is missing; print the paths of the results."""
    from retexture.sample import describe, write_sample

    original, retouched, restored = (directory / f"{n}.tif" for n in ("original", "retouched", "restored"))
    if overwrite or not (original.is_file() and retouched.is_file()):
        write_sample(directory, overwrite)
    code = retexture(["restore", str(original), str(retouched), "-o", str(restored), "--overwrite"])
    if code:
        return code
    shown = directory / "before-after.png"
    write_comparison([original, retouched, restored], shown)
    from retexture.gui.app import screenshot

    window = directory / "window.png"
    screenshot([original, retouched], window)
    print(describe(), file=sys.stderr)
    print(restored)
    print(shown)
    print(window)
    return 0


def write_comparison(paths: list[Path], target: Path) -> None:
    """Write pictures of one size side by side, named after their files: a crop at 100 %, and all of each."""
    import numpy as np

    from retexture.files.images import as_depth, read_image, write_image

    images = [read_image(path) for path in paths]
    columns = [
        _column(path.stem, np.moveaxis(as_depth(image.colour, 8), 0, 2))
        for path, image in zip(paths, images, strict=True)
    ]
    gap = np.full((columns[0].shape[0], GAP, 3), 40, np.uint8)
    sheet = np.concatenate([part for column in columns for part in (column, gap)][:-1], axis=1)
    write_image(target, np.moveaxis(sheet, 2, 0), icc=images[0].icc, overwrite=True)


def _column(name: str, picture: "U8") -> "U8":
    """Return one picture's column (H, W, 3): label and crop, label and whole."""
    import cv2
    import numpy as np

    height, width, _ = picture.shape
    edge = min(EDGE, height, width)
    left = min(max(round(CENTRE[0] * width) - edge // 2, 0), width - edge)
    top = min(max(round(CENTRE[1] * height) - edge // 2, 0), height - edge)
    crop = picture[top : top + edge, left : left + edge]
    scale = EDGE / max(height, width)
    small: Any = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    corner = (round(left * scale), round(top * scale))
    opposite = (round((left + edge) * scale), round((top + edge) * scale))
    small = cv2.rectangle(np.ascontiguousarray(small), corner, opposite, (255, 255, 255), 1)
    parts = [_label(f"{name}, 100 %"), _padded(crop), _label(f"{name}, whole"), _padded(small)]
    return np.concatenate(parts, axis=0)


def _label(text: str) -> "U8":
    import cv2
    import numpy as np

    strip = np.full((LABEL, EDGE, 3), 40, np.uint8)
    drawn = cv2.putText(
        strip, text, (8, LABEL - 13), cv2.FONT_HERSHEY_SIMPLEX, 0.65, (225,) * 3, 1, cv2.LINE_AA
    )
    return np.asarray(drawn, np.uint8)


def _padded(picture: "U8") -> "U8":
    import numpy as np

    height, width, _ = picture.shape
    square = np.full((EDGE, EDGE, 3), 40, np.uint8)
    square[:height, :width] = picture
    return square


if __name__ == "__main__":
    sys.exit(main())
