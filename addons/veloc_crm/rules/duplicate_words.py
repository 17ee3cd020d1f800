"""Why two records may be one person, in words."""

_ = str  # marks texts for the translators; the model that shows them translates

REASONS = {
    "cpf": _("same CPF"),
    "cnpj": _("same CNPJ"),
    "email": _("same e-mail"),
    "mailbox": _("same mailbox name at another house"),
    "phone": _("same phone"),
    "device": _("same device"),
    "name": _("same name"),
    "similar_name": _("similar name"),
    "birth_date": _("same birth date"),
    "zip": _("same CEP"),
    "city": _("same city"),
    "other_birth_date": _("but other birth date"),
}
