"""The notice of LGPD art. 9: its seven items, written from fields, in two languages.

The words stand here and not in a catalogue of translations: what people read is
evidence, and it changes when somebody decides so, not when a file is merged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

PT, EN = "pt_BR", "en_US"


@dataclass(frozen=True, slots=True)
class Controller:
    """Who decides about the data, and how to reach them and their encarregado."""

    name: str
    tax_id: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    dpo_name: str = ""
    dpo_email: str = ""
    dpo_phone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the notice of one version of a purpose is written from."""

    purpose: str
    legal_basis: str
    items: Mapping[str, str] = field(hash=False)
    controller: Controller = field(default_factory=lambda: Controller(""))
    is_sensitive: bool = False
    rights_url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One of the seven, with the number the law gives it."""

    number: str
    title: str
    text: str


_TITLES = {
    PT: (
        "Para que usamos os dados",
        "Como e por quanto tempo",
        "Quem é o controlador",
        "Como falar conosco",
        "Com quem compartilhamos e por quê",
        "Quem responde pelo quê",
        "Os seus direitos",
    ),
    EN: (
        "What we use the data for",
        "How, and for how long",
        "Who the controller is",
        "How to reach us",
        "With whom we share, and why",
        "Who is responsible for what",
        "Your rights",
    ),
}
_NUMBERS = ("I", "II", "III", "IV", "V", "VI", "VII")

_BASES = {
    PT: {
        "consent": "o seu consentimento (art. 7º, I)",
        "legal_obligation": "o cumprimento de obrigação legal ou regulatória "
        "(art. 7º, II)",
        "public_policy": "a execução de políticas públicas (art. 7º, III)",
        "research": "a realização de estudos por órgão de pesquisa (art. 7º, IV)",
        "contract": "a execução do contrato com você (art. 7º, V)",
        "legal_claim": "o exercício regular de direitos em processo (art. 7º, VI)",
        "vital_interest": "a proteção da vida (art. 7º, VII)",
        "health": "a tutela da saúde (art. 7º, VIII)",
        "legitimate_interest": "o legítimo interesse do controlador, com avaliação "
        "registrada e direito de oposição (art. 7º, IX, e art. 10)",
        "credit": "a proteção do crédito (art. 7º, X)",
    },
    EN: {
        "consent": "your consent (art. 7 I)",
        "legal_obligation": "a legal or regulatory obligation (art. 7 II)",
        "public_policy": "the execution of public policies (art. 7 III)",
        "research": "studies by a research body (art. 7 IV)",
        "contract": "the contract with you (art. 7 V)",
        "legal_claim": "the exercise of rights in proceedings (art. 7 VI)",
        "vital_interest": "the protection of life (art. 7 VII)",
        "health": "the protection of health (art. 7 VIII)",
        "legitimate_interest": "the controller's legitimate interest, with a recorded "
        "balancing and your right to object (art. 7 IX and art. 10)",
        "credit": "the protection of credit (art. 7 X)",
    },
}
_RIGHTS = {
    PT: (
        "O art. 18 da LGPD garante a você, a qualquer momento e sem custo: "
        "(I) confirmar se tratamos os seus dados; (II) acessar os dados; "
        "(III) corrigir dados incompletos, inexatos ou desatualizados; "
        "(IV) pedir a anonimização, o bloqueio ou a eliminação de dados "
        "desnecessários, excessivos ou tratados em desacordo com a lei; "
        "(V) a portabilidade dos dados a outro fornecedor; "
        "(VI) a eliminação dos dados tratados com o seu consentimento; "
        "(VII) saber com quem compartilhamos os dados; "
        "(VIII) saber que pode não consentir e quais são as consequências; "
        "(IX) revogar o consentimento. Você também pode opor-se ao tratamento feito "
        "sem consentimento em descumprimento da lei (art. 18, § 2º), pedir a revisão "
        "de decisões automatizadas (art. 20) e reclamar à Agência Nacional de "
        "Proteção de Dados (ANPD)."
    ),
    EN: (
        "Art. 18 of the LGPD gives you, at any time and free of charge, the right to: "
        "(I) confirm whether we process your data; (II) access the data; "
        "(III) have incomplete, inexact or outdated data corrected; "
        "(IV) ask for anonymisation, blocking or deletion of data that are "
        "unnecessary, excessive or processed against the law; "
        "(V) portability of the data to another provider; "
        "(VI) deletion of the data processed with your consent; "
        "(VII) know with whom we share the data; "
        "(VIII) know that you may refuse consent, and what follows from it; "
        "(IX) revoke your consent. You may also object to processing without consent "
        "that breaks the law (art. 18 § 2), ask for a review of automated decisions "
        "(art. 20) and complain to the national data protection agency (ANPD)."
    ),
}
_WORDS = {
    PT: {
        "basis": "Base legal: {}.",
        "form": "Forma: {}",
        "duration": "Duração: {}",
        "sensitive": "Há dados pessoais sensíveis, tratados conforme o art. 11.",
        "tax_id": "CNPJ {}",
        "dpo": "Encarregado pelo tratamento de dados pessoais: {}",
        "dpo_bare": "Encarregado pelo tratamento de dados pessoais",
        "exercise": "Para exercer os seus direitos: {}.",
        "heading": "Aviso de privacidade: {}",
    },
    EN: {
        "basis": "Legal basis: {}.",
        "form": "How: {}",
        "duration": "For how long: {}",
        "sensitive": "Sensitive personal data are involved, processed under art. 11.",
        "tax_id": "CNPJ {}",
        "dpo": "Data protection officer (encarregado): {}",
        "dpo_bare": "Data protection officer (encarregado)",
        "exercise": "To exercise your rights: {}.",
        "heading": "Privacy notice: {}",
    },
}


def language(lang: str | None) -> str:
    """Return the language the notice is written in for a reader of ``lang``."""
    return EN if (lang or "").lower().startswith("en") else PT


def items(facts: Facts, lang: str | None) -> list[Item]:
    """Return the seven items in the order of the law."""
    lang = language(lang)
    texts = (
        _use(facts, lang),
        _means(facts, lang),
        _controller(facts.controller, lang),
        _contact(facts.controller, lang),
        facts.items.get("sharing", "").strip(),
        facts.items.get("responsibilities", "").strip(),
        _rights(facts, lang),
    )
    titled = zip(_NUMBERS, _TITLES[lang], texts, strict=True)
    return [Item(number, title, text) for number, title, text in titled]


def compose(facts: Facts, lang: str | None) -> str:
    """Return the whole notice as plain text: what is hashed, kept and shown."""
    heading = _WORDS[language(lang)]["heading"].format(facts.purpose)
    parts = [f"{i.number}. {i.title}\n{i.text}" for i in items(facts, lang)]
    return "\n\n".join([heading, *parts])


def digest(text: str) -> str:
    """Return the SHA-256 that stands for a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def gaps(facts: Facts) -> list[str]:
    """Return which items say nothing: codes of fields that somebody must fill in."""
    who = facts.controller
    checks = {
        "use": facts.items.get("use"),
        "means": facts.items.get("means"),
        "duration": facts.items.get("duration"),
        "sharing": facts.items.get("sharing"),
        "responsibilities": facts.items.get("responsibilities"),
        "controller": who.name and who.tax_id,
        "contact": who.email or who.phone or who.dpo_email or who.dpo_phone,
        "dpo": who.dpo_name and (who.dpo_email or who.dpo_phone),
    }
    return [name for name, value in checks.items() if not (value or "").strip()]


def _use(facts, lang):
    words = _WORDS[lang]
    lines = [facts.items.get("use", "").strip()]
    lines.append(words["basis"].format(_BASES[lang][facts.legal_basis]))
    if facts.is_sensitive:
        lines.append(words["sensitive"])
    return _lines(lines)


def _means(facts, lang):
    words = _WORDS[lang]
    return _lines(
        words[word].format(text)
        for word, text in (
            ("form", facts.items.get("means", "").strip()),
            ("duration", facts.items.get("duration", "").strip()),
        )
        if text
    )


def _controller(who, lang):
    tax_id = who.tax_id and _WORDS[lang]["tax_id"].format(who.tax_id)
    return _lines([", ".join(filter(None, (who.name, tax_id))), who.address])


def _contact(who, lang):
    ways = " · ".join(filter(None, (who.dpo_email, who.dpo_phone)))
    words = _WORDS[lang]
    dpo = words["dpo"].format(who.dpo_name) if who.dpo_name else words["dpo_bare"]
    lines = [" · ".join(filter(None, (who.email, who.phone, who.website)))]
    if who.dpo_name or ways:
        lines.append(" · ".join(filter(None, (dpo, ways))))
    return _lines(lines)


def _rights(facts, lang):
    how = facts.rights_url or facts.controller.dpo_email or facts.controller.email
    lines = [_RIGHTS[lang]]
    if how:
        lines.append(_WORDS[lang]["exercise"].format(how))
    return _lines(lines)


def _lines(parts):
    return "\n".join(part for part in parts if part)
