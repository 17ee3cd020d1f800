"""The monthly report as PDF: a page or two of figures for the board."""

import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

_INK, _SOFT = colors.HexColor("#16202e"), colors.HexColor("#4c5a6d")
_LINE, _ALERT = colors.HexColor("#c9d1dc"), colors.HexColor("#a4161a")
_BODY = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=10, leading=13, textColor=_INK
)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8.5, textColor=_SOFT)
_TITLE = ParagraphStyle(
    "title", parent=_BODY, fontName="Helvetica-Bold", fontSize=18, leading=23
)
_HEAD = ParagraphStyle(
    "head", parent=_BODY, fontName="Helvetica-Bold", fontSize=12, leading=18
)
_NUMBER = ParagraphStyle("number", parent=_BODY, alignment=2, fontName="Helvetica-Bold")
_MARKED = ParagraphStyle("marked", parent=_NUMBER, textColor=_ALERT)


def render(head, sections):
    """Return the PDF of ``head`` (title, company, officer, month, made, look, lang)
    and ``sections`` as the monthly report gives them; equal input, equal bytes.
    """
    stream = io.BytesIO()
    page = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=f"{head['title']} {head['month']}",
        author=head["company"],
        lang=head["lang"],
        invariant=1,
    )
    story = [
        Paragraph(_text(f"{head['title']} {head['month']}"), _TITLE),
        Paragraph(_text(head["company"]), _BODY),
        Paragraph(_text(head["officer"]), _SMALL),
        Spacer(1, 5 * mm),
    ]
    for section in sections:
        story.append(KeepTogether(_section(section, head["look"])))
    story.append(Paragraph(_text(head["made"]), _SMALL))
    page.build(story)
    return stream.getvalue()


def _section(section, look):
    """Return one heading with its table; marked lines say so in words too."""
    rows = [
        [
            Paragraph(_text(line["label"]), _BODY),
            Paragraph(_text(look) if line["look"] else "", _SMALL),
            Paragraph(_text(line["value"]), _MARKED if line["look"] else _NUMBER),
        ]
        for line in section["lines"]
    ]
    table = Table(rows, colWidths=[110 * mm, 30 * mm, 30 * mm])
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
            ]
        )
    )
    return [Paragraph(_text(section["title"]), _HEAD), table, Spacer(1, 5 * mm)]


def _text(value):
    """Return text the page's font can show, with nothing that reads as markup."""
    shown = str(value).encode("cp1252", "replace").decode("cp1252")
    return escape(shown)
