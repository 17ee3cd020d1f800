"""What people write to a broker in an ordinary week: the inbox of the demo.

A talk is a person (the number of a trader of the story, or how a stranger is named),
a channel, what was said (hours ago, who, text), and what became of it.
"""

from dataclasses import dataclass, field

PERSON, AGENT = "person", "agent"


@dataclass(frozen=True, slots=True)
class Said:
    """One message: hours ago, by whom, in which words."""

    ago: float
    voice: str
    text: str
    media: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation of the demo."""

    trader: int | None  # the how-many-eth trader of the story, None for a stranger
    channel: str
    said: tuple[Said, ...]
    name: str = ""
    identifier: str = ""
    tags: tuple[str, ...] = field(default=())
    is_taken: bool = False
    closed_ago: float | None = None
    shares_number_with: int | None = None


TALKS = (
    Talk(
        0,
        "whatsapp",
        (
            Said(
                0.2,
                PERSON,
                "Oi! Pedi um saque de R$ 850 ontem à noite e ainda não caiu na minha "
                "conta. Tá tudo certo?",
            ),
        ),
        tags=("Saque",),
    ),
    Talk(
        1,
        "sms",
        (
            Said(
                96,
                PERSON,
                "Meu documento foi recusado de novo e ninguém me explica o motivo. "
                "Alguém pode me ajudar?",
            ),
        ),
        tags=("Documentos",),
    ),
    Talk(
        2,
        "whatsapp",
        (
            Said(5.2, PERSON, "Boa tarde. Como eu mudo o e-mail da minha conta?"),
            Said(
                5.0,
                AGENT,
                "Olá! Por segurança, a troca é feita por você em Perfil > Dados de "
                "contato. Vai chegar um código no e-mail antigo. Conseguiu?",
            ),
        ),
        tags=("Cadastro",),
        is_taken=True,
    ),
    Talk(
        3,
        "whatsapp",
        (
            Said(2.1, PERSON, "Fiz um Pix de R$ 300 e não apareceu como depósito"),
            Said(
                1.9,
                AGENT,
                "Oi! Já estou vendo. Pode me mandar o comprovante por aqui, por favor?",
            ),
            Said(
                0.6,
                PERSON,
                "Claro, segue o comprovante",
                (("demo-media-1", "image/jpeg"),),
            ),
        ),
        tags=("Depósito",),
        is_taken=True,
    ),
    Talk(
        None,
        "whatsapp",
        (
            Said(
                0.9,
                PERSON,
                "Boa tarde, vi vocês no Instagram. Como faço pra abrir conta? Precisa "
                "de valor mínimo?",
            ),
        ),
        name="Marcinho Lopes",
        identifier="BR.13491208655302741918",
    ),
    Talk(
        4,
        "sms",
        (
            Said(50, PERSON, "Nao consigo entrar no app, diz senha invalida"),
            Said(
                49.6,
                AGENT,
                "Olá! Use “Esqueci minha senha” na tela de entrada. O link vale por 30 "
                "minutos. Nunca pedimos a sua senha por mensagem.",
            ),
            Said(49.4, PERSON, "Deu certo, obrigado!"),
            Said(49.3, AGENT, "Que bom! Qualquer coisa, é só responder por aqui."),
        ),
        tags=("Acesso",),
        is_taken=True,
        closed_ago=49.2,
    ),
    Talk(
        5,
        "whatsapp",
        (Said(3.5, PERSON, "Oi, sou eu de novo. Já liberaram o meu bônus?"),),
        shares_number_with=6,
    ),
    Talk(
        7,
        "sms",
        (
            Said(30, PERSON, "Quero saber a tarifa para sacar para outro banco"),
            Said(29.5, AGENT, "Olá! O saque por Pix não tem tarifa, para todo banco."),
            Said(0.5, PERSON, "Cobraram R$ 4,90 no meu saque. Podem verificar?"),
        ),
        tags=("Saque",),
        is_taken=True,
        closed_ago=29.0,
    ),
)
