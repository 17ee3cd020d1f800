"""Papers for people, drawn with reportlab: no browser is needed to print them."""
