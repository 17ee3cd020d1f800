"""The authority's form for incidents (Res. CD/ANPD 15/2024, art. 6 § 2), filled in.

In Portuguese whatever the user's language: it is a document for the authority. The
letters are those of the article's items; whoever files it copies field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

IMPACTS = {
    "blocks_rights": "impedir o exercício de direitos ou a utilização de um serviço",
    "material_damage": "danos materiais",
    "moral_damage": "danos morais",
    "discrimination": "discriminação",
    "physical_integrity": "violação à integridade física",
    "reputation": "violação à imagem ou à reputação",
    "fraud": "fraude financeira ou roubo de identidade",
}
CRITERIA = {
    "sensitive": "dados pessoais sensíveis",
    "vulnerable": "dados de crianças, de adolescentes ou de idosos",
    "financial": "dados financeiros",
    "authentication": "dados de autenticação em sistemas",
    "secrecy": "dados protegidos por sigilo legal, judicial ou profissional",
    "large_scale": "dados em larga escala",
}
NOT_SAID = "Não informado"


def build(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form as plain data: a heading and fields in the article's order."""
    return {
        "formulario": "Comunicação de incidente de segurança com dados pessoais",
        "norma": "LGPD, art. 48; Resolução CD/ANPD nº 15/2024, art. 6º, § 2º",
        "incidente": facts["number"],
        "titulo": facts["name"],
        "campos": [
            {"inciso": item, "campo": label, "valor": _value(value)}
            for item, label, value in _rows(facts)
        ],
        "complementacoes": list(facts["additions"]),
        "sigilo_solicitado": _value(facts["secrets"]),
    }


def _rows(facts):
    delay = facts["delay_reason"] if facts["is_late"] else "Comunicação no prazo"
    measures = (
        f"Antes do incidente: {_value(facts['measures_before'])}\n"
        f"Após o incidente: {_value(facts['measures_after'])}"
    )
    known = (
        f"Ocorrência: {_value(facts['occurred_at'])}\n"
        f"Primeiro sinal: {_value(facts['known_at'])}\n"
        f"Conhecimento de que afetou dados pessoais: "
        f"{_value(facts['affected_known_at'])}"
    )
    cause = f"{_value(facts['description'])}\nCausa raiz: {_value(facts['root_cause'])}"
    return [
        ("I", "Natureza do incidente e categoria dos dados afetados", _data(facts)),
        ("II", "Número de titulares afetados", _people(facts)),
        ("III", "Medidas técnicas e de segurança", measures),
        ("IV", "Riscos e possíveis impactos aos titulares", _risks(facts)),
        ("V", "Motivos da demora", delay),
        ("VI", "Medidas para reverter ou mitigar os efeitos", facts["reversal"]),
        ("VII", "Data da ocorrência e do conhecimento", known),
        ("VIII", "Encarregado", _contact(facts["dpo"])),
        ("IX", "Controlador", _controller(facts)),
        ("X", "Operador, quando aplicável", facts["processor"]),
        ("XI", "Descrição do incidente e causa raiz", cause),
        (
            "XII",
            "Total de titulares nas atividades de tratamento afetadas",
            facts["total_subjects"] or "",
        ),
        ("Art. 9º", "Comunicação aos titulares", _told(facts)),
    ]


def _data(facts):
    kinds = "; ".join(CRITERIA[code] for code in facts["criteria"])
    lines = [facts["nature"], facts["data_affected"]]
    lines += [f"Critérios do art. 5º: {kinds}"] if kinds else []
    return "\n".join(line for line in lines if line)


def _people(facts):
    counted = {
        "crianças": "child_count",
        "adolescentes": "adolescent_count",
        "idosos": "elderly_count",
        "idade desconhecida": "unknown_count",
        "com dados financeiros": "financial_count",
        "com dados de autenticação": "authentication_count",
        "com dados sensíveis": "sensitive_count",
        "com dados sob sigilo": "secrecy_count",
    }
    parts = [f"{label}: {facts[name]}" for label, name in counted.items()]
    return f"Total: {facts['person_count']}\n" + "\n".join(parts)


def _risks(facts):
    kinds = "; ".join(IMPACTS[code] for code in facts["impacts"])
    return "\n".join(filter(None, [facts["risks"], kinds and f"Pode causar: {kinds}"]))


def _controller(facts):
    said = "Declara-se agente de tratamento de pequeno porte (Res. CD/ANPD 2/2022)"
    parts = [_contact(facts["controller"])]
    return "\n".join(parts + ([said] if facts["is_small_agent"] else []))


def _told(facts):
    lines = [
        f"Data: {_value(facts['subjects_told_at'])}",
        f"Comunicações individuais enviadas: {facts['sent_count']}",
        f"Não alcançados individualmente: {facts['failed_count']}",
    ]
    if facts["public_url"]:
        lines.append(f"Divulgação pública: {facts['public_url']}")
    return "\n".join(lines)


def _contact(who: Mapping[str, str]) -> str:
    return ", ".join(text for text in who.values() if text)


def _value(value) -> str:
    return str(value).strip() or NOT_SAID
