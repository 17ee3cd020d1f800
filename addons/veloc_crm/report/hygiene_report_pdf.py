"""The monthly report on the data's state as PDF: two pages of tables."""

import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

_INK, _SOFT = colors.HexColor("#16202e"), colors.HexColor("#4c5a6d")
_LINE, _ALERT = colors.HexColor("#c9d1dc"), colors.HexColor("#a4161a")
_BODY = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=9.5, leading=12.5, textColor=_INK
)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8.5, textColor=_SOFT)
_TITLE = ParagraphStyle(
    "title", parent=_BODY, fontName="Helvetica-Bold", fontSize=18, leading=23
)
_HEAD = ParagraphStyle(
    "head", parent=_BODY, fontName="Helvetica-Bold", fontSize=12, leading=18
)
_COLUMN = ParagraphStyle("column", parent=_SMALL, alignment=2)
_NUMBER = ParagraphStyle("number", parent=_BODY, alignment=2)
_MARKED = ParagraphStyle(
    "marked", parent=_NUMBER, fontName="Helvetica-Bold", textColor=_ALERT
)
_WIDTH = 170 * mm
_FIGURE = 27 * mm


def render(head, tables):
    """Return the PDF of ``head`` (title, company, month, made, look, lang) and of
    ``tables`` as the report's model words them; equal input, equal bytes.
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
        Spacer(1, 5 * mm),
    ]
    for table in tables:
        story += _table(table, head["look"])
    story.append(Paragraph(_text(head["made"]), _SMALL))
    page.build(story)
    return stream.getvalue()


def _table(table, look):
    """Return a heading, its table and a note; marked rows say so in words too."""
    rows = [[Paragraph("", _SMALL)]]
    rows[0] += [Paragraph(_text(name), _COLUMN) for name in table["columns"]]
    for row in table["rows"]:
        label = f"{row['label']} ({look})" if row["worse"] else row["label"]
        style = _MARKED if row["worse"] else _NUMBER
        cells = [Paragraph(_text(cell), style) for cell in row["cells"]]
        rows.append([Paragraph(_text(label), _BODY), *cells])
    figures = len(table["columns"])
    grid = Table(
        rows,
        colWidths=[_WIDTH - figures * _FIGURE, *[_FIGURE] * figures],
        repeatRows=1,
    )
    grid.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    heading = Paragraph(_text(table["title"]), _HEAD)
    heading.keepWithNext = True
    note = [Paragraph(_text(table["note"]), _SMALL)] if table["note"] else []
    return [heading, grid, *note, Spacer(1, 5 * mm)]


def _text(value):
    """Return text the page's font can show, with nothing that reads as markup."""
    shown = str(value).replace("\u202f", " ").encode("cp1252", "replace")
    return escape(shown.decode("cp1252"))
