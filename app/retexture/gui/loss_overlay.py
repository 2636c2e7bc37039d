"""Where texture was lost, as colours over the picture, and the legend in the canvas's corner that explains them."""

from weakref import WeakKeyDictionary, WeakSet

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from retexture.gui.guide_page import GuidePage
from retexture.gui.picture_view import PictureView
from retexture.gui.restoration_panel import RestorationPanel
from retexture.gui.workspace import Workspace
from retexture.session.jobs import Job
from retexture.session.restoration import faces_from_left
from retexture.session.session import Session, Update
from retexture.session.texture_loss import COLOURS, STRENGTH, Heat, measure_loss, measured_on

LANE = "texture loss"
MARGIN, PADDING, GAP = 12, 10, 5
BAR_WIDTH, BAR_HEIGHT = 200, 12
TITLE = "Texture lost by the retouching"
BACKGROUND, WORDS, FAINT = QColor(20, 20, 20, 200), QColor(235, 235, 235), QColor(180, 180, 180)


class LossOverlay(QWidget):
    """The legend, and what switches the colours. The loss is measured off the window's thread when it is wanted."""

    switched = Signal(bool)
    """Whether the colours are wanted on the document in front now."""

    def __init__(self, workspace: Workspace, canvas: PictureView) -> None:
        super().__init__(canvas)
        self.setObjectName("loss_legend")
        self.setAccessibleName(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._workspace = workspace
        self._canvas = canvas
        self._wanted = WeakSet[Session]()
        self._known = WeakKeyDictionary[Session, Heat]()
        self._measuring: tuple[str, ...] | None = None
        self._summary = ""
        canvas.installEventFilter(self)
        workspace.session_changed.connect(lambda _session: self._refresh())
        workspace.updated.connect(self._follow)
        self.hide()

    @property
    def is_possible(self) -> bool:
        """Whether the document in front was made by an automatic restoration, and has what the loss is measured on."""
        session = self._workspace.session
        return session is not None and measured_on(session.document) is not None

    @property
    def is_on(self) -> bool:
        """Whether the colours are wanted on the document in front."""
        return self._workspace.session in self._wanted

    def switch(self, on: bool) -> None:
        """Show the colours over the document in front, or the picture as it is."""
        session = self._workspace.session
        if session is None or on == self.is_on:
            return
        if on:
            self._wanted.add(session)
        else:
            self._wanted.discard(session)
        self._refresh()

    def tie(self, *pages: GuidePage | RestorationPanel) -> None:
        """Let pages switch the colours, and show whether they are on."""
        for page in pages:
            page.loss_toggled.connect(self.switch)
            self.switched.connect(page.show_loss)

    # -- following the document

    def _follow(self, update: Update) -> None:
        if not update.live and (self.is_on or not self.isHidden()):
            self._refresh()

    def _refresh(self) -> None:
        """Show what is wanted; measure it first if it is not known."""
        self.switched.emit(self.is_on)
        session = self._workspace.session
        of = None if session is None or not self.is_on else measured_on(session.document)
        if session is None or of is None:
            self._workspace.jobs.cancel(LANE)
            self._measuring = None
            self._canvas.set_look(heat=None)
            self.hide()
            return
        self._tell(session)
        known = self._known.get(session)
        if known is not None and known.of == of:
            self._canvas.set_look(heat=known)
        elif self._measuring != of:
            self._measure(session, of)

    def _measure(self, session: Session, of: tuple[str, ...]) -> None:
        document = session.document
        self._measuring = of

        def work(_job: Job[Heat | ValueError]) -> Heat | ValueError:
            try:
                return measure_loss(document)
            except ValueError as error:
                return error

        def done(found: Heat | ValueError) -> None:
            if isinstance(found, ValueError):
                self._wanted.discard(session)
                self._workspace.tell_problem(found)
            else:
                self._known[session] = found
            self._refresh()

        def ended() -> None:
            if self._measuring == of:
                self._measuring = None

        self._workspace.jobs.submit(
            work, done, lane=LANE, title="Measuring the lost texture", ended=ended, urgent=True
        )

    # -- the legend

    def _tell(self, session: Session) -> None:
        analysis = session.document.analysis
        assert analysis is not None, "else there is nothing to measure on"
        lost = [f"{100 * face.plasticness:.0f} %" for face in faces_from_left(analysis)]
        if len(lost) > 1:
            self._summary = f"Faces from the left: {', '.join(lost)}"
        else:
            self._summary = f"On all skin: {100 * analysis.plasticness:.0f} %"
        self.setAccessibleDescription(f"Colours from 0 % to 100 % lost. {self._summary}")
        self.adjustSize()
        self._place()
        self.show()
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(BAR_WIDTH + 2 * PADDING, 2 * PADDING + 3 * line + BAR_HEIGHT + 3 * GAP)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.move(MARGIN, self._canvas.height() - self.height() - MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(BACKGROUND)
        painter.drawRoundedRect(self.rect(), 4, 4)
        line = self.fontMetrics().height()
        width = self.width() - 2 * PADDING
        top = float(PADDING)
        left, centre, right = (
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignHCenter,
            Qt.AlignmentFlag.AlignRight,
        )
        painter.setPen(WORDS)
        painter.drawText(QRectF(PADDING, top, width, line), left, TITLE)
        top += line + GAP
        # As they look over middle grey.
        shown = (COLOURS[None] * STRENGTH + 128 * (1 - STRENGTH)).astype("uint8").copy()
        bar = QImage(shown.data, 256, 1, 768, QImage.Format.Format_BGR888)
        painter.drawImage(QRectF(PADDING, top, width, BAR_HEIGHT), bar)
        top += BAR_HEIGHT + GAP
        painter.setPen(FAINT)
        for side, words in ((left, "0 %"), (centre, "50 %"), (right, "100 %")):
            painter.drawText(QRectF(PADDING, top, width, line), side, words)
        top += line + GAP
        painter.setPen(WORDS)
        painter.drawText(QRectF(PADDING, top, width, line), left, self._summary)
        painter.end()
