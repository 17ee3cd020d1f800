"""A consent receipt on paper, for people: the same facts as the signed JSON."""

import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

_CHANNELS = {
    "pt_BR": {"call": "ligação", "email": "e-mail", "push": "notificação"},
    "en_US": {"call": "phone call", "email": "e-mail", "push": "notification"},
}
_EVENTS = {
    "pt_BR": {
        "granted": "Consentimento dado",
        "revoked": "Consentimento revogado",
        "opposed": "Oposição registrada",
    },
    "en_US": {
        "granted": "Consent given",
        "revoked": "Consent revoked",
        "opposed": "Objection recorded",
    },
}
_WORDS = {
    "pt_BR": {
        "title": "Recibo de consentimento",
        "receipt": "Recibo",
        "at": "Data e hora (UTC)",
        "method": "Como foi dado",
        "language": "Idioma do texto",
        "principal": "Titular (pseudônimo)",
        "controller": "Controlador",
        "contact": "Contato",
        "dpo": "Encarregado",
        "law": "Jurisdição e lei",
        "version": "versão {}",
        "channels": "Canais",
        "basis": "Base legal",
        "duration": "Duração",
        "text": "O texto que foi lido",
        "hash": "SHA-256 do texto",
        "notice": "O aviso de privacidade exibido",
        "notice_hash": "SHA-256 do aviso",
        "no_text": "O texto exibido não foi informado.",
        "signed": "Assinatura digital Ed25519, chave {key}. A versão em JSON deste "
        "recibo pode ser conferida em {url}.",
        "page": "Página {}",
        "bases": {
            "consent": "consentimento",
            "legitimate_interest": "legítimo interesse",
        },
    },
    "en_US": {
        "title": "Consent receipt",
        "receipt": "Receipt",
        "at": "Date and time (UTC)",
        "method": "How it was given",
        "language": "Language of the text",
        "principal": "Person (pseudonym)",
        "controller": "Controller",
        "contact": "Contact",
        "dpo": "Data protection officer",
        "law": "Jurisdiction and law",
        "version": "version {}",
        "channels": "Channels",
        "basis": "Legal basis",
        "duration": "For how long",
        "text": "The text that was read",
        "hash": "SHA-256 of the text",
        "notice": "The privacy notice that was shown",
        "notice_hash": "SHA-256 of the notice",
        "no_text": "The text that was shown is not known.",
        "signed": "Signed with Ed25519, key {key}. The JSON version of this receipt "
        "can be checked at {url}.",
        "page": "Page {}",
        "bases": {
            "consent": "consent",
            "legitimate_interest": "legitimate interest",
        },
    },
}
_INK, _SOFT = colors.HexColor("#16202e"), colors.HexColor("#4c5a6d")
_LINE, _BRAND = colors.HexColor("#c9d1dc"), colors.HexColor("#0b4f8a")
_BODY = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=9.5, leading=13, textColor=_INK
)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8, leading=11, textColor=_SOFT)
_LABEL = ParagraphStyle("label", parent=_SMALL, fontName="Helvetica-Bold")
_TITLE = ParagraphStyle(
    "title", parent=_BODY, fontName="Helvetica-Bold", fontSize=18, leading=24
)
_HEAD = ParagraphStyle(
    "head", parent=_BODY, fontName="Helvetica-Bold", fontSize=12, leading=17
)


def words(lang):
    """Return the labels of one language, with its codes of channels and events."""
    return _WORDS[lang] | {"channel": _CHANNELS[lang], "event": _EVENTS[lang]}


def render(receipt, labels, url):
    """Return the PDF; the same receipt gives the same bytes."""
    stream = io.BytesIO()
    page = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=labels["title"],
        author=receipt["piiControllers"][0]["piiController"],
        lang=receipt["language"],
        invariant=1,
    )
    story = [Paragraph(labels["title"], _TITLE), Spacer(1, 4 * mm)]
    story.append(_facts(_heads(receipt, labels)))
    for service in receipt["services"]:
        for purpose in service["purposes"]:
            story += _purpose(purpose, labels)
    key = receipt["signature"]["keyId"]
    story += [Spacer(1, 6 * mm)]
    story.append(Paragraph(_text(labels["signed"].format(key=key, url=url)), _SMALL))
    footer = _footer(labels, receipt["consentReceiptID"])
    page.build(story, onFirstPage=footer, onLaterPages=footer)
    return stream.getvalue()


def _heads(receipt, labels):
    who = receipt["piiControllers"][0]
    name = ", ".join(filter(None, (who["piiController"], who["taxId"], who["address"])))
    contact = (who["email"], who["phone"], who["piiControllerUrl"])
    dpo = (who["contact"], who["contactEmail"], who["contactPhone"])
    return [
        (labels["receipt"], receipt["consentReceiptID"]),
        (labels["at"], receipt["consentTimestamp"].replace("T", " ").rstrip("Z")),
        (labels["method"], receipt["collectionMethod"]),
        (labels["language"], receipt["language"]),
        (labels["principal"], receipt["piiPrincipalId"]),
        (labels["controller"], name),
        (labels["contact"], " · ".join(filter(None, contact))),
        (labels["dpo"], " · ".join(filter(None, dpo))),
        (labels["law"], f"{receipt['jurisdiction']}, {receipt['law']}"),
    ]


def _purpose(purpose, labels):
    number = labels["version"].format(purpose["purposeVersion"])
    channels = [labels["channel"].get(c, c.upper()) for c in purpose["channels"]]
    basis = labels["bases"].get(purpose["legalBasis"], purpose["legalBasis"])
    title = f"{labels['event'][purpose['event']]}: {purpose['purpose']} ({number})"
    story = [Spacer(1, 6 * mm), Paragraph(_text(title), _HEAD), Spacer(1, 2 * mm)]
    rows = [
        (labels["channels"], ", ".join(channels)),
        (labels["basis"], basis),
        (labels["duration"], purpose["termination"]),
        (labels["hash"], purpose["textSha256"]),
        (labels["notice_hash"], purpose["noticeSha256"]),
    ]
    story += [_facts(rows), Spacer(1, 3 * mm), Paragraph(labels["text"], _LABEL)]
    story += _paragraphs(purpose["text"] or labels["no_text"])
    if purpose["notice"]:
        story += [Spacer(1, 3 * mm), Paragraph(labels["notice"], _LABEL)]
        story += _paragraphs(purpose["notice"])
    return story


def _facts(rows):
    cells = [
        [Paragraph(_text(label), _LABEL), Paragraph(_text(value), _SMALL)]
        for label, value in rows
        if value
    ]
    table = Table(cells, colWidths=[42 * mm, 128 * mm])
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ]
        )
    )
    return table


def _paragraphs(text):
    return [Paragraph(_text(part), _BODY) for part in text.split("\n") if part.strip()]


def _text(value):
    """Return text the page's font can show, with nothing that reads as markup."""
    shown = str(value).encode("cp1252", "replace").decode("cp1252")
    return escape(shown)


def _footer(labels, receipt_id):
    def draw(canvas, document):
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(_SOFT)
        canvas.drawString(20 * mm, 12 * mm, receipt_id)
        number = labels["page"].format(document.page)
        canvas.drawRightString(190 * mm, 12 * mm, number)
        canvas.setFillColor(_BRAND)
        canvas.rect(0, 292 * mm, 210 * mm, 5 * mm, stroke=0, fill=1)
        canvas.restoreState()

    return draw
