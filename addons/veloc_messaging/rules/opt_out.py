"""Which answers of a person mean "stop", "start again" or "help".

Only a message that *is* the word counts: "quero cancelar a consulta" is no
opt-out. Case, accents, spaces, punctuation and emoji around it do not matter.
"""

import unicodedata
from collections.abc import Collection

# Twilio acts on these itself on SMS; on WhatsApp nobody but us does.
STOP_TWILIO = (
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
)
STOP_PT = (
    "PARAR",
    "PARE",
    "SAIR",
    "CANCELAR",
    "DESCADASTRAR",
    "DESCADASTRE",
    "REMOVER",
    "DESINSCREVER",
    "NAO RECEBER",
)
START_WORDS = ("START", "YES", "UNSTOP", "VOLTAR", "INICIAR", "RECEBER", "COMECAR")
HELP_WORDS = ("HELP", "INFO", "AJUDA")

# Answers to an appointment look the same: a channel may switch these off.
AMBIGUOUS = frozenset({"CANCEL", "CANCELAR"})

_MEANINGS = {
    word.casefold(): meaning
    for meaning, words in (
        ("stop", STOP_TWILIO + STOP_PT),
        ("start", START_WORDS),
        ("help", HELP_WORDS),
    )
    for word in words
}


def classify(text: str, ignored: Collection[str] = ()) -> str | None:
    """Return "stop", "start", "help" or None for an incoming ``text``.

    ``ignored`` are words of the tables that have another meaning on this channel.
    """
    word = _bare(text or "")
    if word in {_bare(other) for other in ignored}:
        return None
    return _MEANINGS.get(word)


def _bare(text: str) -> str:
    """Return the text in lower case, without accents and decoration."""
    decomposed = unicodedata.normalize("NFKD", text)
    visible = "".join(
        character
        for character in decomposed
        if unicodedata.category(character) not in ("Mn", "Me", "Cf")
    )
    words = " ".join(visible.casefold().split())
    return words.strip("".join({c for c in words if not c.isalnum()}))
