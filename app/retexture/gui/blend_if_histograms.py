"""The histograms behind the handles of Blend-If: counted on a worker, and kept for when they are wanted again."""

from collections.abc import Callable

from retexture.document.document import Document
from retexture.document.layers import AnyLayer
from retexture.gui.workspace import Workspace
from retexture.session.histogram import Counts, count_judged, judged_number
from retexture.session.jobs import Job

HISTOGRAM_LANE = "blend-if histogram"


class BlendIfHistograms:
    """Counts what a layer's Blend-If judges, of the layer and of those beneath it."""

    def __init__(self, workspace: Workspace, show: Callable[[tuple[Counts, Counts] | None], None]) -> None:
        """Count for a panel whose `show` gets the counts, and None while they are under way."""
        self._workspace = workspace
        self._show = show
        self._number: int | None = None
        """Of what the histograms that are shown or under way were made of."""
        self._counts: dict[int, tuple[Counts, Counts]] = {}

    def forget(self) -> None:
        """Show them again at the next count, although nothing may have changed."""
        self._number = None

    def count(self, document: Document, layer: AnyLayer) -> None:
        """Count for a layer, unless what it judges is what was counted last."""
        cache, key = self._workspace.cache, layer.key
        number = judged_number(document, layer, cache)
        if number == self._number:
            return
        self._number = number
        self._workspace.jobs.cancel(HISTOGRAM_LANE)
        self._show(self._counts.get(number))
        if number in self._counts:
            return

        def work(_job: Job[tuple[Counts, Counts]]) -> tuple[Counts, Counts]:
            return count_judged(document, key, cache)

        def done(counts: tuple[Counts, Counts]) -> None:
            if len(self._counts) > 32:
                self._counts.clear()
            self._counts[number] = counts
            if number == self._number:
                self._show(counts)

        self._workspace.jobs.submit(work, done, lane=HISTOGRAM_LANE)
