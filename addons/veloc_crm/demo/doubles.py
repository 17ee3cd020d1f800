"""People of the demo who are here twice, share a home, or only tried the form."""

# Reference, name, e-mail, phone, device. The first two are people of the story.
TOLD = (
    ("VB-2001", "BEATRIS LEAL", "beatriz.leal.sp@gmial.com", None, "d-1"),
    ("VB-2002", "Fernanda A. Aguiar", "fernanda.aguiar@gmail.com", None, "d-2"),
    ("VB-2003", "Leandro Nogueira", "leandro.n@example.com", "11987650001", "d-3"),
    ("VB-2004", "LEANDRO NOGUEIRA", "leandro.n@example.com", "11987650009", "d-3"),
    ("VB-2005", "Marta Nogueira", "marta.n@example.com", "11987650001", "d-4"),
    ("VB-2006", "teste teste", "teste@yopmail.com", "21987650002", None),
    ("VB-2007", "Luiz Vasconcellos", "luiz.v@example.com", "31987650003", "d-5"),
    ("VB-2008", "Luís Vasconcelos", "l.vasco@example.com", "31987650003", "d-6"),
    ("VB-2009", "ROSA PRATES", "rosa.prates@example.com", "41987650004", "d-7"),
    ("VB-2010", "Rosa Prates", "rosa@prates.example", "41987650004", "d-7"),
)
# Who of them is whom in the story: the phone is taken from there.
SAME_AS = {"VB-2001": "Beatriz Leal", "VB-2002": "Fernanda Aguiar"}
HOME = {"street": "R. Augusta, 1500", "zip": "01304-001", "city": "São Paulo"}
AT_HOME = ("VB-2003", "VB-2005")
# These two were merged the day before; the last one is linked, not the same.
MERGED = ("VB-2010", "VB-2009")
# Percent of people in order, 60 days ago; the way up since then is even.
BEFORE = {"name": 91, "email": 88, "phone": 84, "cpf": 22, "birth_date": 71}
BEFORE |= {"zone": 90, "valid": 38, "unique": 79, "consent": 41}
DAYS = 60
