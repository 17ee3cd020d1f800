from odoo import api, models

from ...const import REQUEST_KINDS
from ...rules import privacy_identity
from .veloc_privacy_correction import FIELDS

# Per address of the visitor, and per identity that is typed: known or not.
PER_ADDRESS = (12, 3600)
PER_IDENTITY = (3, 86400)
PER_CODE = (30, 3600)


class VelocPrivacyPage(models.AbstractModel):
    """What the public pages for data subjects take, show and hand out.

    The page never looks anybody up: a job does. So its words and its timing cannot
    tell whether a person is known. Called for anonymous visitors, hence private.
    """

    _name = "veloc.privacy.page"
    _description = "Public privacy page"

    # === THE FORM === #

    @api.model
    def _form(self):
        """Return what the form offers."""
        kinds = self.env["veloc.privacy.request"]._fields["kind"]
        fields_ = self.env["veloc.privacy.correction"]._fields["field"]
        return {
            "kinds": kinds._description_selection(self.env),
            "fields": fields_._description_selection(self.env),
            "officer": self.env.company._veloc_officer_contact(),
            "company": self.env.company.name,
        }

    @api.model
    def _read(self, form):
        """Return ``(fault, kind, identity, more)`` of a sent form."""
        kind = form.get("kind", "")
        if kind not in dict(REQUEST_KINDS):
            return "kind", "", None, {}
        identity = privacy_identity.read(form)
        if identity.is_empty:
            return "identity", kind, None, {}
        more = {"details": form.get("details", "")}
        field, value = form.get("field", ""), form.get("value", "").strip()
        if field in dict(FIELDS) and value:
            more["correction"] = {"field": field, "value": value[:254]}
        fault = self._read_representative(form, more)
        return fault, kind, identity, more

    def _read_representative(self, form, more):
        if not form.get("representative"):
            return ""
        name, email = form.get("rep_name", "").strip(), form.get("rep_email", "")
        email = privacy_identity.read({"email": email}).email
        if not (name and "@" in email):
            return "representative"
        more["representative"] = {"name": name[:200], "email": email}
        return ""

    # === RATE === #

    @api.model
    def _wait(self, address, identity):
        """Return the seconds this visitor, or this identity, must wait; 0 for none.

        The identity counts as it was typed, whether it is anybody's or not.
        """
        limits = self.env["veloc.rate.limit"]
        wait = limits._hit("privacy_form", address, *PER_ADDRESS)
        for kind, value in identity.told().items():
            key = f"{kind}:{value.lower()}"
            wait = max(wait, limits._hit("privacy_identity", key, *PER_IDENTITY))
        return wait

    @api.model
    def _wait_code(self, address):
        return self.env["veloc.rate.limit"]._hit("privacy_code", address, *PER_CODE)

    # === ASKING === #

    @api.model
    def _ask(self, kind, identity, more, proof=None):
        """Write the request down; return the secret of the visitor's link."""
        requests = self.env["veloc.privacy.request"]
        token = requests._new_token()
        lang = self.env.lang or "pt_BR"
        request = requests._receive(
            kind, identity, "page", **more, lang=lang, token=token
        )
        if proof:
            kind_of_proof = "mandate" if more.get("representative") else "identity"
            self.env["veloc.privacy.proof"]._keep(request, kind_of_proof, proof)
        return token

    # === FOLLOWING === #

    @api.model
    def _follow(self, request):
        """Return what the page of one request shows: nothing before the proof."""
        if not request.verified_at:
            return {"asked": request, "is_proven": False}
        partners = request._partners()
        return {
            # "request" is the name of something else in a template.
            "asked": request,
            "is_proven": True,
            "state": self._state_in_words(request),
            "answer": request.answer_text if request.state == "done" else "",
            "sections": self.env["veloc.declaration"]._simple(partners),
            "packages": request.package_ids.filtered(lambda p: p._is_open()),
        }

    def _state_in_words(self, request):
        labels = request._fields["state"]._description_selection(self.env)
        return dict(labels)[request.state]
