"""The people of the demo: invented names, real Brazilian shapes."""

from dataclasses import dataclass

EVERYTHING = (
    ("marketing", "email"),
    ("marketing", "sms"),
    ("marketing", "whatsapp"),
    ("bonus", "email"),
)
MAIL_AND_SMS = EVERYTHING[:2]
MAIL = EVERYTHING[:1]
NOTHING = ()


@dataclass(frozen=True)
class Persona:
    """Somebody with a journey that began so many days ago."""

    name: str
    uf: str
    area: str  # the DDD of the phone
    journey: str
    days: float
    consents: tuple = MAIL_AND_SMS
    born: int = 1988
    language: str = "pt-BR"
    source: str = "google"


PEOPLE = (
    # Leads: left a contact on the site, no account yet.
    Persona("Aline Carvalho", "SP", "11", "lead", 6, NOTHING, 1991, source="instagram"),
    Persona("Bruno Teixeira", "RJ", "21", "lead", 4, MAIL, 1985),
    Persona("Camila Rezende", "MG", "31", "lead", 3, NOTHING, 1996, source="tiktok"),
    Persona("Diego Fontes", "BA", "71", "lead", 1.5, MAIL_AND_SMS, 1979),
    Persona("Elisa Prado", "PR", "41", "lead_started", 2, MAIL, 1993),
    # In activation now, one for each of its days.
    Persona("Felipe Moura", "SP", "11", "signup", 12.4, MAIL_AND_SMS, 1990),
    Persona("Gabriela Nunes", "SP", "19", "signup", 10.3, EVERYTHING, 1987),
    Persona("Heitor Barros", "RS", "51", "signup", 8.2, MAIL, 1982, source="indicacao"),
    Persona("Isabela Duarte", "PE", "81", "signup", 7.1, MAIL_AND_SMS, 1998),
    Persona("João Pedro Lima", "CE", "85", "signup", 5.4, NOTHING, 1994),
    Persona("Karina Sampaio", "SC", "48", "signup", 4.2, EVERYTHING, 1989),
    Persona("Lucas Antunes", "GO", "62", "signup", 3.1, MAIL_AND_SMS, 2001),
    Persona("Mariana Souza", "SP", "11", "signup", 2.2, EVERYTHING, 1992),
    Persona("Nicolas Ferraz", "DF", "61", "signup", 1.3, MAIL, 1986),
    Persona("Olívia Martins", "RJ", "21", "signup", 0.03, EVERYTHING, 1997),
    Persona("Paulo Siqueira", "SP", "11", "signup", 0.015, MAIL_AND_SMS, 1975),
    # Converted by activation a few days after signing up.
    Persona("Queila Bastos", "ES", "27", "converted", 11, MAIL_AND_SMS, 1990),
    Persona("Rafael Toledo", "PR", "44", "converted", 8, EVERYTHING, 1984),
    Persona("Sabrina Lopes", "MG", "34", "converted", 5, MAIL, 1999),
    # Documents approved, no deposit yet.
    Persona("Tiago Meireles", "AM", "92", "kyc", 26, MAIL_AND_SMS, 1983),
    Persona("Úrsula Campos", "PA", "91", "kyc", 19, MAIL, 1995),
    Persona("Vinícius Rocha", "MT", "65", "kyc", 15, NOTHING, 1988, source="instagram"),
    # One deposit, never traded.
    Persona("Wagner Pires", "SP", "16", "first_deposit", 24, MAIL_AND_SMS, 1971),
    Persona("Yasmin Freitas", "RN", "84", "first_deposit", 18, EVERYTHING, 2000),
    # Active.
    Persona("Zélia Monteiro", "SP", "13", "active", 70, MAIL, 1968),
    Persona("André Vasques", "RJ", "24", "active", 55, MAIL_AND_SMS, 1981),
    Persona("Beatriz Leal", "SP", "11", "active", 90, EVERYTHING, 1990),
    Persona("Caio Brandão", "RS", "54", "active", 44, MAIL_AND_SMS, 1993),
    Persona("Daniela Couto", "MG", "32", "active", 61, MAIL, 1986, source="indicacao"),
    Persona("Edward Collins", "SP", "11", "active", 80, EVERYTHING, 1977, "en"),
    # High frequency.
    Persona("Fernanda Aguiar", "SP", "11", "vip", 110, EVERYTHING, 1980),
    Persona("Gustavo Peixoto", "RJ", "21", "vip", 96, MAIL_AND_SMS, 1974),
    Persona("Hannah Weiss", "SC", "47", "vip", 75, EVERYTHING, 1985, "en"),
    # Silent for a while, for long, and back again.
    Persona("Ivan Cordeiro", "BA", "75", "at_risk", 95, MAIL_AND_SMS, 1979),
    Persona("Júlia Espíndola", "SP", "12", "at_risk", 100, EVERYTHING, 1991),
    Persona("Kleber Fonseca", "PE", "87", "at_risk", 88, MAIL, 1966),
    Persona("Larissa Quintana", "RS", "53", "churned", 119, MAIL_AND_SMS, 1994),
    Persona("Marcelo Viana", "CE", "88", "churned", 117, EVERYTHING, 1982),
    Persona("Natália Borges", "GO", "64", "churned", 115, NOTHING, 1987),
    Persona("Otávio Ramos", "SP", "11", "won_back", 119, EVERYTHING, 1972),
    Persona("Priscila Dantas", "MG", "31", "won_back", 118, MAIL_AND_SMS, 1989),
    # Those we must leave in peace.
    Persona("Renato Salles", "SP", "11", "self_excluded", 60, EVERYTHING, 1978),
    Persona("Simone Arruda", "RJ", "22", "complaint", 40, EVERYTHING, 1969),
    Persona("Tales Bittencourt", "SP", "15", "signup", 6.3, EVERYTHING, 2012),
    Persona("Vera Lúcia Paiva", "PB", "83", "kyc_rejected", 9, MAIL_AND_SMS, 1963),
    Persona("William Serra", "MS", "67", "revoked", 7.5, EVERYTHING, 1996),
)
