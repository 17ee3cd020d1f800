import hashlib
import hmac
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...rules import privacy_identity, privacy_request

CODE_TERM = timedelta(minutes=30)
# Long enough for the answer that comes in fifteen days, and for a holiday after it.
ACCESS_TERM = timedelta(days=30)
MOST_CODES = 3


class VelocPrivacyRequest(models.Model):
    """Who is asking: found exactly, proven by a code to the contact data we hold."""

    _inherit = "veloc.privacy.request"

    # === LOOKING UP === #

    def _identify(self):
        """Look up whom the claimed identity points to, and have them prove it."""
        for request in self.filtered(lambda r: r.state == "received"):
            match = request._match()
            request._remember("matched", outcome=match.outcome, found=len(match.people))
            request._keep_candidates(match)
            request._move("identity_unverified")
            if match.outcome == "none":
                request._tell_nobody_found()
            elif match.outcome == "desk" or request.is_representative:
                request.needs_desk = True
            else:
                request._send_code()

    def _match(self):
        """Return ``privacy_identity.Match`` of what was claimed."""
        told = self._told().get("identity") or {}
        # sudo: every contact is looked at, whoever opened the request.
        partners = self.env["res.partner"].sudo()
        found = {
            kind: partners._veloc_find(kind, [value]).get(value, [])
            for kind, value in self._normal(told).items()
        }
        people = partners.browse({id_ for ids in found.values() for id_ in ids})
        cpf_of = {partner.id: partner.veloc_cpf or "" for partner in people}
        return privacy_identity.match(found, cpf_of, self._normal(told).get("cpf", ""))

    @api.model
    def _normal(self, told):
        """Return what was typed, the CPF as digits: that is how it is stored."""
        cpf = "".join(char for char in told.get("cpf", "") if char.isdigit())
        return {**told, "cpf": cpf} if cpf else dict(told)

    def _keep_candidates(self, match):
        is_one = match.outcome == "one"
        self.env["veloc.privacy.candidate"].create(
            [
                {
                    "request_id": self.id,
                    "partner_id": partner_id,
                    "is_person": is_one,
                    **{f"by_{kind}": True for kind in match.why[partner_id]},
                }
                for partner_id in match.people
            ]
        )
        if is_one:
            self.partner_id = self._reachable(match)

    def _reachable(self, match):
        """Return the contact of the person that a code can reach best."""
        partners = self.env["res.partner"].browse(match.people)
        # The address that was typed first, then any address.
        return partners.sorted(
            lambda p: ("email" not in match.why[p.id], not p.email_normalized, p.id)
        )[:1]

    def _partners(self):
        """Return every contact of the person this request is about."""
        chosen = self.candidate_ids.filtered("is_person").partner_id
        return chosen | self.partner_id

    # === THE CODE === #

    def _send_code(self):
        """Send a code to the contact data we hold; without an address the desk acts."""
        self.ensure_one()
        if self.codes_sent >= MOST_CODES:
            return False
        code = privacy_identity.code_from(secrets.token_bytes(16))
        self.write(
            {
                "code_hash": self._code_hash(code),
                "code_until": fields.Datetime.now() + CODE_TERM,
                "code_attempts": 0,
                "codes_sent": self.codes_sent + 1,
            }
        )
        values = {"code": f"{code[:4]} {code[4:]}", "minutes": "30"}
        outcome = self._send_letter("identity_code", f"code:{self.codes_sent}", values)
        if outcome != "sent":
            self.write({"needs_desk": True, "code_hash": False})
            return False
        self._remember("code_sent", number=self.codes_sent)
        return True

    def _tell_nobody_found(self):
        """Tell the owner of the typed e-mail that we hold nothing about it.

        Only that mailbox learns it: the page says the same to everybody.
        """
        email = (self._told().get("identity") or {}).get("email")
        if not email or self.is_representative:
            return
        outcome = self._send_letter("nothing_found", "nothing", {}, email=email)
        if outcome == "sent":
            self._move("done")

    def _code_hash(self, code):
        secret = self.env["veloc.keyring"]._mac("privacy-code", b"1")
        return privacy_identity.code_hash(secret, self.number, code)

    def _is_code(self, code):
        """Whether this is the code that was sent; costs the same if none was."""
        given = self._code_hash(code)
        stored = self.code_hash or self._code_hash(secrets.token_hex(8))
        is_right = hmac.compare_digest(given, stored)
        is_alive = (
            bool(self.code_hash)
            and self.state == "identity_unverified"
            and self.code_attempts < privacy_identity.MOST_ATTEMPTS
            and bool(self.code_until)
            and self.code_until >= fields.Datetime.now()
        )
        return is_right and is_alive

    def _try_code(self, code):
        """Return whether the code proves the identity; each try counts.

        The same steps for a request about nobody: it has no code to be right.
        """
        self.ensure_one()
        # Parallel guesses are judged and counted one by one.
        self.env.cr.execute(
            SQL(
                "SELECT FROM veloc_privacy_request WHERE id = %s FOR NO KEY UPDATE",
                self.id,
            )
        )
        self.invalidate_recordset()
        if self.verified_at:
            return True  # the button was pressed twice
        is_right = self._is_code(code)
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_privacy_request SET code_attempts ="
                " COALESCE(code_attempts, 0) + 1 WHERE id = %s",
                self.id,
            )
        )
        self.invalidate_recordset(["code_attempts"])
        if not is_right:
            self._remember("code_failed")
            return False
        self._verified("code")
        return True

    # === PROVEN === #

    def _verified(self, how):
        """The person is who they say; their request starts, or is a duplicate."""
        self.ensure_one()
        self.write(
            {
                "verified_at": fields.Datetime.now(),
                "verified_how": how,
                "verified_by_id": self.env.uid if how == "desk" else False,
                "code_hash": False,
                "needs_desk": False,
                "access_until": fields.Datetime.now() + ACCESS_TERM,
            }
        )
        self._remember("verified", how=how)
        first = self._same_before()
        if first:
            self._move("duplicate", duplicate_of_id=first.id)
            return
        self._move("in_progress")
        self._start_work()

    def _proven_by_login(self, partner):
        """Whoever is logged in is known: no look-up, no code, files at once."""
        self.ensure_one()
        self.env["veloc.privacy.candidate"].create(
            {
                "request_id": self.id,
                "partner_id": partner.id,
                "is_person": True,
                "by_email": True,
            }
        )
        self.partner_id = partner
        self._move("identity_unverified")
        self._verified("login")
        if self.has_job:
            self._start_work(inline=True)

    def _same_before(self):
        """Return an open request of this person for the same right."""
        return self.search(
            [
                ("partner_id", "in", self._partners().ids),
                ("kind", "=", self.kind),
                ("state", "in", ("in_progress", "waiting")),
                ("id", "!=", self.id),
            ],
            limit=1,
        )

    # === THE LINK === #

    @api.model
    def _new_token(self):
        """Return a secret of 256 bits: whoever holds it follows one request."""
        return secrets.token_hex(32)

    @api.model
    def _token_hash(self, token):
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

    @api.model
    def _by_token(self, token):
        """Return the request of a link, none if it is over."""
        if not isinstance(token, str) or len(token) != 64:
            return self.browse()
        hashed = self._token_hash(token)
        # sudo: the token is the authority of the anonymous visitor.
        found = self.sudo().search(
            [
                ("access_until", ">=", fields.Datetime.now()),
                "|",
                ("access_hash", "=", hashed),
                ("letter_hash", "=", hashed),
            ]
        )
        return found[:1]

    def _new_letter_token(self):
        """Return the secret of the link in the answer; an older letter's is void.

        The page that the person has open goes on working.
        """
        token = self._new_token()
        until = fields.Datetime.now() + ACCESS_TERM
        self.write({"letter_hash": self._token_hash(token), "access_until": until})
        return token

    # === ACTIONS === #

    def action_send_code(self):
        """Send a code to the chosen contact (button)."""
        self.ensure_one()
        request_sudo = self._check_worker()
        request_sudo._check_unverified()
        if not request_sudo.partner_id:
            raise UserError(self.env._("Choose the contact this is about first."))
        if request_sudo.codes_sent >= MOST_CODES:
            raise UserError(
                self.env._("Three codes went out already: prove it another way.")
            )
        if not request_sudo._send_code():
            raise UserError(
                self.env._("The code could not be sent: this contact has no e-mail.")
            )
        return True

    def _verify_by_desk(self, proof, code=""):
        """Accept the identity on the word of staff, who say what proved it."""
        request_sudo = self._check_worker()
        request_sudo._check_unverified()
        if not request_sudo.partner_id:
            raise UserError(self.env._("Choose the contact this is about first."))
        if code:
            if not request_sudo._try_code(code):
                raise UserError(self.env._("This code is wrong or too old."))
            return True
        if len((proof or "").strip()) < 10:
            raise UserError(self.env._("Say what proved the identity."))
        self.env["veloc.ledger.entry"]._note(
            "request",
            model=self._name,
            res_id=self.id,
            subject_id=request_sudo.partner_id.id,
            public={"what": "proof_judged"},
            secret={"proof": proof.strip()},
        )
        request_sudo._verified("desk")
        return True

    def _check_unverified(self):
        if self.state == "received":
            self._identify()
        if self.state != "identity_unverified":
            raise UserError(self.env._("The identity of this request is settled."))

    # === JOBS === #

    @api.model
    def _expire_unproven(self):
        """End requests that nobody proved to be theirs; what they claimed goes."""
        now = fields.Datetime.now()
        waiting = self.search(
            [("state", "=", "identity_unverified"), ("due_at", "<=", now)], limit=500
        )
        over = waiting.filtered(
            lambda r: privacy_request.ends_unproven(r.state, r.due_at, now)
        )
        over._move("expired", told_sealed=False, code_hash=False, access_hash=False)
        return len(over)
