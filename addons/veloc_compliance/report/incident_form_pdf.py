"""The communication of an incident on paper, field by field as the form asks."""

import io
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer

_TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=15, leading=19)
_SMALL = ParagraphStyle("small", fontName="Helvetica", fontSize=9, leading=12)
_LABEL = ParagraphStyle(
    "label", fontName="Helvetica-Bold", fontSize=10, leading=13, spaceBefore=8
)
_TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=10, leading=14)


def draw(form):
    """Return the PDF of a form that ``rules.incident_form`` has built."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        margin=20 * mm,
        title=form["formulario"],
        author="Veloc",
        subject=form["incidente"],
    )
    story = [
        Paragraph(_safe(form["formulario"]), _TITLE),
        Paragraph(_safe(form["norma"]), _SMALL),
        Paragraph(_safe(f"{form['incidente']} · {form['titulo']}"), _SMALL),
        Spacer(1, 4 * mm),
    ]
    for row in form["campos"]:
        story += _row(f"{row['inciso']}: {row['campo']}", row["valor"])
    if form["complementacoes"]:
        story += _row("Complementações", "\n".join(form["complementacoes"]))
    story += _row("Sigilo solicitado", form["sigilo_solicitado"])
    document.build(story, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _row(label, text):
    first, *others = [Paragraph(_safe(line), _TEXT) for line in text.split("\n")]
    # A label never stands alone at the foot of a page.
    return [KeepTogether([Paragraph(_safe(label), _LABEL), first]), *others]


def _safe(text):
    return escape(text or " ")


def _number(canvas, document):
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(190 * mm, 10 * mm, f"Página {document.page}")
