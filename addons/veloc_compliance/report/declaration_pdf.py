"""The declaration of art. 19 II as a PDF that a person can read and print."""

import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

# A person with a hundred thousand trades gets them as files, not as paper.
MOST_ROWS = 40
LONGEST_CELL = 300
INK = colors.HexColor("#16202e")
BRAND = colors.HexColor("#0b4f8a")
LINE = colors.HexColor("#c9d1dc")


def build(about, sections, words):
    """Return the bytes of the PDF.

    ``about``: see ``veloc.declaration._build``; ``sections``: ``(class, list, labels,
    rows)``; ``words``: the fixed words in the reader's language.
    """
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=words["title"],
        author=about["controller"]["name"],
        # The same data give the same bytes, whenever it is printed.
        invariant=1,
    )
    styles = _styles()
    story = [*_head(about, words, styles), *_reasons(about, words, styles)]
    story += _data(sections, words, styles)
    foot = _footer(about, words)
    page.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _styles():
    base = getSampleStyleSheet()
    normal = ParagraphStyle(
        "veloc", parent=base["Normal"], fontSize=9, leading=12, textColor=INK
    )
    return {
        "text": normal,
        "cell": ParagraphStyle("cell", parent=normal, fontSize=7.5, leading=9.5),
        "title": ParagraphStyle(
            "title", parent=normal, fontSize=18, leading=22, textColor=BRAND
        ),
        "h1": ParagraphStyle(
            "h1",
            parent=normal,
            fontSize=12.5,
            leading=16,
            spaceBefore=10,
            spaceAfter=4,
            textColor=BRAND,
        ),
        "h2": ParagraphStyle(
            "h2", parent=normal, fontSize=10, leading=13, spaceBefore=6, spaceAfter=3
        ),
    }


def _text(value, style):
    """Return a paragraph; what the built-in fonts cannot draw becomes a mark."""
    text = "" if value is None else str(value)
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - 1] + "…"
    drawable = text.encode("cp1252", "replace").decode("cp1252")
    return Paragraph(escape(drawable).replace("\n", "<br/>"), style)


def _head(about, words, styles):
    controller = about["controller"]
    rows = [
        (words["number"], about["number"]),
        (words["made_at"], about["made_at"]),
        (words["controller"], " · ".join(_filled(controller, "name", "registration"))),
        (words["officer"], controller["officer"]),
    ]
    return [
        _text(words["title"], styles["title"]),
        _text(words["subtitle"], styles["text"]),
        Spacer(1, 5 * mm),
        _pairs(rows, styles),
    ]


def _filled(mapping, *names):
    return [mapping[name] for name in names if mapping.get(name)]


def _reasons(about, words, styles):
    story = []
    for part in ("origin", "criteria", "purposes", "sharing", "retention"):
        story.append(_text(words[part], styles["h1"]))
        entries = about[part]
        if not entries:
            story.append(_text(words["none"], styles["text"]))
        for entry in entries:
            story += [_text(_line(entry), styles["text"]), Spacer(1, 1.5 * mm)]
    return story


def _line(entry):
    if isinstance(entry, str):
        return entry
    return " · ".join(str(value) for value in entry.values() if value)


def _data(sections, words, styles):
    story = [_text(words["data"], styles["h1"])]
    for data_class, name, labels, rows in sections:
        story.append(_text(f"{data_class}: {name} ({len(rows)})", styles["h2"]))
        for row in rows[:MOST_ROWS]:
            pairs = [
                (label, value)
                for label, value in zip(labels, row, strict=False)
                if value not in (None, "", False)
            ]
            if pairs:
                story += [_pairs(pairs, styles), Spacer(1, 1.5 * mm)]
        if len(rows) > MOST_ROWS:
            story.append(_text(words["more"], styles["text"]))
    return story


def _pairs(rows, styles):
    table = Table(
        [[_text(k, styles["cell"]), _text(v, styles["cell"])] for k, v in rows],
        colWidths=[50 * mm, 124 * mm],
    )
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ]
        )
    )
    return table


def _footer(about, words):
    def draw(canvas, document):
        canvas.saveState()
        canvas.setFont("Helvetica", 7.5)
        canvas.setFillColor(INK)
        canvas.drawString(18 * mm, 10 * mm, about["number"])
        number = f"{words['page']} {document.page}"
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, number)
        canvas.restoreState()

    return draw
