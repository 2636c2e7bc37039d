"""The main states of the real window as pictures: ``./run screenshots DIR [--size 1280x800]...``.

Every state is reached by real events on real files: the sample pair, or with the optional data folder a real one.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.e2e import hand_screens, restoration_screens
from tests.e2e.stage_hand import Stage

SIZES = ("1280x800", "2560x1440")
PAIR = ("portraits/if006_orig.png", "portraits/if006_esrgan_same.png")
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def virtual_screen(size: str) -> Iterator[None]:
    """Run on a screen of that size, with nothing else on it."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    if not number:
        process.wait()
        raise SystemExit("the virtual screen did not start: is Xvfb installed?")
    os.environ["DISPLAY"] = f":{number}"
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def picture_pair(folder: Path, *, sample: bool) -> tuple[Path, Path]:
    """Return original and retouched: real ones if the data folder is there, else the sample written to a folder."""
    data = Path(os.environ.get("RETEXTURE_SHARED") or ROOT.parent / "shared") / "data"
    original, retouched = (data / name for name in PAIR)
    if not sample and original.is_file() and retouched.is_file():
        pair = (folder / "portrait.png", folder / "portrait-smoothed.png")
        shutil.copy(original, pair[0])
        shutil.copy(retouched, pair[1])
        return pair
    from retexture.sample import write_sample

    written = write_sample(folder / "sample", overwrite=True)
    return written[0], written[1]


CHEEKS = (
    ((0.40, 0.56), (0.36, 0.64), (0.43, 0.66), (0.40, 0.56)),
    ((0.62, 0.56), (0.58, 0.64), (0.62, 0.56)),
)


def beginning(stage: Stage) -> None:
    """Start page, the question about two pictures, the guide."""
    stage.take("start")
    stage.drop(stage.pair)
    stage.take("pair")
    stage.key("Esc")
    stage.open_recipe("hybrid-fs")
    stage.take("guide")
    stage.click("guide_next")
    stage.take("guide-mask")
    for _ in range(2):
        stage.click("guide_next")
    stage.take("guide-review")
    stage.click("guide_next")


def restoring(stage: Stage) -> None:
    """The automatic restoration: its steps, its guide, where texture was lost, the measured result."""
    stage.window.opener.ask_for_pictures("auto", *stage.pair)
    stage.wait()
    stage.under_way("pair_open", "removed blemishes", "restoring")
    stage.take("auto-guide")
    for _ in range(2):
        stage.click("guide_next")
    stage.take("auto-guide-texture")
    for _ in range(2):
        stage.click("guide_next")
    stage.key("Ctrl+Alt+L")
    stage.take("texture-loss")
    stage.key("Ctrl+1")
    stage.take("texture-loss-100")
    stage.key("Ctrl+0")
    stage.key("Ctrl+Alt+L")
    stage.command("measure result")
    stage.take("measured-result")
    stage.click("report_close")
    stage.key("Ctrl+W")


def looking(stage: Stage) -> None:
    """The document at fit and at 100 %, and before and after."""
    stage.key("Ctrl+0")
    stage.take("fit")
    stage.key("Ctrl+1")
    stage.take("zoom-100")
    stage.key("Ctrl+0")
    for key, name in (("Y", "side-by-side"), ("Alt+Y", "stacked"), ("Shift+Y", "wipe")):
        stage.key(key)
        stage.take(name)
    canvas = stage.window.canvas
    stage.drag(canvas, (canvas.width() / 2, 200), (canvas.width() * 0.4, 200))
    stage.key("Shift+Y")


def painting(stage: Stage) -> None:
    """The brush, the rubylith, the mask as a picture."""
    stage.click_mask("high")
    for places in CHEEKS:
        stage.stroke(*places)
    stage.key("\\")
    stage.take("painting-rubylith")
    stage.key("\\")
    stage.key("Alt+\\")
    stage.take("mask-view")
    stage.key("Alt+\\")
    stage.click("brush_more")
    stage.take("pen-pressure")
    stage.key("Esc")


def selecting(stage: Stage) -> None:
    """Marquee, lasso, wand and Quick Mask, and the dialogs of the Select menu."""
    from PySide6.QtWidgets import QDialog

    canvas = stage.window.canvas
    width, height = canvas.width(), canvas.height()

    def at(x: float, y: float) -> tuple[float, float]:
        return x * width, y * height

    stage.key("M")
    stage.drag(canvas, at(0.4, 0.3), at(0.45, 0.4), at(0.55, 0.5))
    stage.click("elliptical_marquee")
    stage.click("select_add")
    stage.drag(canvas, at(0.5, 0.4), at(0.55, 0.5), at(0.65, 0.65))
    stage.take("marquee")
    stage.click("select_new")
    stage.click("rectangular_marquee")
    stage.key("Q")
    stage.key("B")
    stage.key("D")
    stage.stroke((0.35, 0.6), (0.45, 0.62))
    stage.take("quick-mask")
    stage.key("Q")
    stage.key("Ctrl+D")
    stage.key("L")
    stage.drag(canvas, at(0.4, 0.4), at(0.5, 0.35), at(0.6, 0.45), at(0.55, 0.6), at(0.45, 0.6))
    stage.take("lasso")
    stage.key("W")
    stage.drag(canvas, at(0.5, 0.55))
    stage.take("magic-wand")
    for words, name in (("colour range", "colour-range"), ("luminosity range", "luminosity-range")):
        stage.command(words)
        if name == "colour-range":
            stage.drag(canvas, at(0.5, 0.55))
        stage.take(name)
        stage.find(QDialog, name.replace("-", "_") + "_dialog").close()
    stage.key("Ctrl+D")
    stage.key("B")


def panels(stage: Stage) -> None:
    """History with snapshots, navigator, histogram, a curve."""
    stage.command("new snapshot")
    stage.stroke((0.5, 0.3), (0.55, 0.3))
    stage.command("new snapshot")
    stage.key("Ctrl+Z")
    stage.panel("History")
    stage.take("history")
    stage.key("Ctrl+1")
    stage.panel("Navigator")
    stage.take("navigator")
    stage.key("Ctrl+0")
    stage.panel("Histogram")
    stage.take("histogram")
    stage.panel("Layers")
    stage.panel("Properties")
    stage.command("curves layer")
    from retexture.gui.curve_editor import CurvePlot

    plot = next(each for each in stage.window.properties.findChildren(CurvePlot) if each.isVisible())
    w, h = plot.width(), plot.height()
    stage.drag(plot, (w * 0.25, h * 0.75), (w * 0.25, h * 0.8))
    stage.drag(plot, (w * 0.7, h * 0.3), (w * 0.7, h * 0.24))
    stage.take("curves")


def blend_if(stage: Stage) -> None:
    """Blend-If with split triangles and the pixels that it hides."""
    stage.open_recipe("high-pass-blend-if")
    stage.click("guide_close")
    stage.command("fill mask with white")
    stage.take("filter-properties")
    from retexture.gui.range_bar import BAR_PX, PLOT_PX, RangeBar

    for kind in ("high_pass", "mask", "desaturate", "blending"):
        section = stage.window.properties.section(kind)
        if section is not None and section.is_open:
            stage.click(section.header.objectName())
    stage.click("blend_if_header")
    section = stage.window.properties.section("blend_if")
    if section is not None and not section.is_open:
        stage.click("blend_if_header")
    bar = stage.find(RangeBar, "underlying_bar")
    y = PLOT_PX + BAR_PX + 6
    stage.drag(bar, (bar.x_of(bar.ends[3]), y), (bar.x_of(bar.ends[3]) - 30, y))
    stage.drag(bar, (bar.x_of(bar.ends[2]), y), (bar.x_of(bar.ends[2]) - 40, y), alt=True)
    stage.click("blend_if_overlay")
    stage.take("blend-if")
    stage.click("blend_if_overlay")


def windows(stage: Stage) -> None:
    """Everything that opens over the window."""
    stage.key("Ctrl+Shift+Alt+S")
    stage.take("export")
    stage.key("Esc")
    stage.key("Ctrl+K")
    stage.type("blur")
    stage.take("command-search")
    stage.key("Esc")
    stage.key("F1")
    stage.take("shortcuts")
    stage.key("Esc")
    stage.command("about")
    stage.take("about")
    stage.key("Esc")
    stage.key("Alt+L")
    stage.take("menu")
    stage.key("Esc")
    stage.during(
        lambda: stage.key("Ctrl+O"),
        "open-dialog",
        lambda: stage.key("Esc"),
    )
    stage.during(lambda: stage.key("Ctrl+W"), "unsaved", lambda: stage.key("Esc"))
    stage.drop((stage.target,))
    stage.take("problem")
    stage.key("Return")

    def fail(_job: object) -> None:
        raise ZeroDivisionError("a test of this dialog")

    stage.window.workspace.jobs.submit(fail, lambda _none: None, title="Rendering")
    stage.wait()
    stage.take("crash")
    stage.click("crash_show_details")
    stage.take("crash-details")
    stage.click("crash_close")


def recovery(stage: Stage) -> None:
    """What is offered after a crash: copies that nobody has taken back."""
    from retexture.session.preferences import recovery_folder
    from retexture.session.recovery import Recovery

    lost = Recovery(recovery_folder())
    for number, session in enumerate(stage.window.workspace.sessions):
        lost.write(f"lost{number}", session.document, session.title, session.path)
    lost.close()
    stage.window.saver.offer_recovered()
    stage.wait()
    stage.take("recovery")
    stage.click("recovery_discard")


def ending(stage: Stage) -> None:
    """The texture extractor's guide, several documents."""
    stage.open_recipe("texture-extractor")
    stage.take("extractor-radius")
    stage.click("guide_next")
    for places in CHEEKS:
        stage.stroke(*places)
    stage.take("extractor-mask")
    stage.click("guide_next")
    stage.take("extractor-smooth")
    stage.click("guide_close")
    stage.open_recipe("dodge-burn")
    stage.open_recipe("grain")
    stage.take("tabs")


PARTS = (
    beginning,
    restoring,
    looking,
    painting,
    selecting,
    *hand_screens.PARTS,
    panels,
    blend_if,
    windows,
    recovery,
    *restoration_screens.PARTS,
    ending,
)


def main(arguments: list[str]) -> int:
    """Write the pictures."""
    parser = argparse.ArgumentParser(prog="./run screenshots", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument(
        "--size", action="append", metavar="WxH", help="of the window; by default both usual ones"
    )
    parser.add_argument("--sample", action="store_true", help="use the built-in sample pair in any case")
    options = parser.parse_args(arguments)
    sizes = options.size or SIZES
    options.directory.mkdir(parents=True, exist_ok=True)
    if len(sizes) > 1:
        # Each on a screen of its size: dialogs are laid out by that.
        own = ["--sample"] if options.sample else []
        for size in sizes:
            run = [
                sys.executable,
                "-m",
                "tests.e2e.screenshots",
                str(options.directory),
                *own,
                "--size",
                size,
            ]
            if subprocess.run(run, check=False).returncode:
                return 1
        return 0
    screen = virtual_screen(sizes[0]) if shutil.which("Xvfb") else nullcontext()
    with tempfile.TemporaryDirectory() as folder, screen:
        for name in ("config", "state"):
            os.environ[f"RETEXTURE_{name.upper()}"] = str(Path(folder) / name)
        pair = picture_pair(Path(folder), sample=options.sample)
        width, height = (int(part) for part in sizes[0].split("x"))
        stage = Stage(options.directory, width, height, pair)
        for part in PARTS:
            part(stage)
        stage.close_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
