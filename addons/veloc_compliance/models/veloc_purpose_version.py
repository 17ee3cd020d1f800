from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import LEGAL_BASES
from ..rules import privacy_notice, purpose

# What people read: a published text may gain a language (translations load later),
# nothing else of it moves.
WORDS = (
    "notice",
    "notice_use",
    "notice_means",
    "notice_duration",
    "notice_sharing",
    "notice_responsibilities",
    "sensitive_notice",
)
_FREEZE = SQL(
    """
    CREATE OR REPLACE FUNCTION veloc_purpose_version_freeze() RETURNS trigger
    LANGUAGE plpgsql AS $$
    DECLARE
        words text[] := %(words)s;
        free text[] := words || ARRAY['state', 'write_uid', 'write_date'];
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            RAISE EXCEPTION 'Purpose versions are evidence: TRUNCATE refused'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.state = 'draft' THEN
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            IF NEW.state <> 'draft' AND NEW.legal_basis = 'legitimate_interest'
               AND NOT EXISTS (
                   SELECT FROM veloc_balancing b WHERE b.id = NEW.balancing_id
                   AND b.purpose_id = NEW.purpose_id AND b.state = 'approved')
            THEN
                RAISE EXCEPTION 'Purpose version %% has no approved balancing', OLD.id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE'
           AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
           AND (SELECT bool_and(to_jsonb(NEW)->word @> (to_jsonb(OLD)->word))
                FROM unnest(words) word)
           AND (NEW.state = OLD.state
                OR (OLD.state = 'published' AND NEW.state = 'retired'))
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Purpose version %% is published and frozen: %% refused',
            OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE OR REPLACE TRIGGER veloc_frozen BEFORE UPDATE OR DELETE
        ON veloc_purpose_version FOR EACH ROW
        EXECUTE FUNCTION veloc_purpose_version_freeze();
    CREATE OR REPLACE TRIGGER veloc_no_truncate BEFORE TRUNCATE
        ON veloc_purpose_version FOR EACH STATEMENT
        EXECUTE FUNCTION veloc_purpose_version_freeze();
    ALTER TABLE veloc_purpose_version ENABLE ALWAYS TRIGGER veloc_frozen;
    ALTER TABLE veloc_purpose_version ENABLE ALWAYS TRIGGER veloc_no_truncate
    """,
    words=list(WORDS),
)
# A new version says what the one before said, until somebody writes otherwise.
INHERITED = frozenset(WORDS[1:-1])
SENSITIVE = frozenset({"is_sensitive", "sensitive_basis", "sensitive_notice"})
EDITABLE = (
    INHERITED | SENSITIVE | {"legal_basis", "notice", "balancing_id", "keeps_consents"}
)


class VelocPurposeVersion(models.Model):
    """The wording and legal basis of a purpose; frozen once people have seen it."""

    _name = "veloc.purpose.version"
    _description = "Purpose version"
    _veloc_ledger_fields = frozenset(
        {
            "balancing_id",
            "covers_from",
            "is_sensitive",
            "keeps_consents",
            "legal_basis",
            "number",
            "sensitive_basis",
            "state",
            *WORDS,
        }
    )
    _veloc_ledger_kind = "config"
    _order = "purpose_id, number desc"
    _rec_name = "number"

    purpose_id = fields.Many2one("veloc.purpose", required=True, ondelete="restrict")
    number = fields.Integer(readonly=True, required=True, copy=False)
    legal_basis = fields.Selection(LEGAL_BASES, required=True, default="consent")
    notice = fields.Text(
        required=True,
        translate=True,
        help="What the person reads before deciding: what for, how, until when, "
        "and how to change their mind.",
    )
    text_hash = fields.Char(
        "Text hash (SHA-256)",
        compute="_compute_text_hash",
        help="Of the text in your language; consents carry the hash of what was shown.",
    )
    balancing_id = fields.Many2one(
        "veloc.balancing",
        "Balancing test",
        copy=False,
        ondelete="restrict",
        domain="[('purpose_id', '=', purpose_id)]",
        help="Legitimate interest: the approved test that shows that it outweighs the "
        "person's interests (art. 10).",
    )
    balancing_note = fields.Text(
        readonly=True, help="How it was weighed before there were balancing tests."
    )
    keeps_consents = fields.Boolean(
        "Earlier consents stay valid",
        help="Only when the purpose itself did not change (LGPD art. 8 § 6).",
    )
    covers_from = fields.Integer(
        readonly=True, copy=False, help="Oldest version whose consents count."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    published_at = fields.Datetime(readonly=True, copy=False)
    published_by = fields.Many2one("res.users", readonly=True, copy=False)

    _number_unique = models.Constraint(
        "UNIQUE(purpose_id, number)", "A version number is used once per purpose."
    )
    _one_published = models.UniqueIndex(
        "(purpose_id) WHERE state = 'published'", "Only one version can be in force."
    )
    _balanced = models.Constraint(
        "CHECK (state = 'draft' OR legal_basis <> 'legitimate_interest' "
        "OR balancing_id IS NOT NULL OR COALESCE(trim(balancing_note), '') <> '')",
        "Legitimate interest needs an approved balancing test.",
    )

    def init(self):
        """Freeze published versions in the database itself."""
        self.env.cr.execute(_FREEZE)
        return super().init()

    # === COMPUTE === #

    @api.depends("notice", "is_sensitive", "sensitive_notice")
    @api.depends_context("lang")
    def _compute_text_hash(self):
        for version in self:
            version.text_hash = privacy_notice.digest(version._statement())

    @api.depends("purpose_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.purpose_id.name} v{version.number}"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Number the versions; they are born drafts whatever the caller says."""
        default = self.env.context.get("default_purpose_id")
        owners = [vals.get("purpose_id") or default for vals in vals_list]
        numbers = self._last_numbers(owners)
        prepared = []
        for vals, purpose_id in zip(vals_list, owners, strict=True):
            numbers[purpose_id] = numbers.get(purpose_id, 0) + 1
            kept = {name: value for name, value in vals.items() if name in EDITABLE}
            kept |= {"purpose_id": purpose_id, "number": numbers[purpose_id]}
            prepared.append(kept)
        versions = super().create(prepared)
        versions._inherit_words()
        return versions

    def _last_numbers(self, purpose_ids):
        groups = self._read_group(
            [("purpose_id", "in", purpose_ids)], ["purpose_id"], ["number:max"]
        )
        return {owner.id: number for owner, number in groups}

    def write(self, vals):
        """Drafts can be edited; the rest moves through ``action_publish``."""
        if not self.env.su and set(vals) - EDITABLE:
            raise UserError(self.env._("Only the text of a draft can be edited."))
        if set(vals) & EDITABLE and self.filtered(lambda v: v.state != "draft"):
            raise UserError(
                self.env._("A published version is frozen. Create a new one instead.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if self.filtered(lambda version: version.state != "draft"):
            raise UserError(self.env._("A published version is kept as evidence."))

    # === ACTIONS === #

    def action_publish(self):
        """Put drafts in force in place of their purposes' current versions."""
        self.check_access("write")
        # sudo: the officer may not write states, this method may.
        for version in self.sudo():
            fault = purpose.publish_fault(version._rule_version())
            if fault:
                raise UserError(self._fault_message(fault))
            previous = version.purpose_id.current_version_id
            covers_from = version._future_covers_from()
            # The database looks at the test itself when the state moves.
            version.balancing_id.flush_recordset()
            previous._move("retired")
            version._move(
                "published",
                covers_from=covers_from,
                published_at=fields.Datetime.now(),
                published_by=self.env.uid,
            )
            version.purpose_id.current_version_id = version
        return True

    def _publish_shipped(self):
        """Publish the drafts among these; for data files, also on an upgrade."""
        self.filtered(lambda version: version.state == "draft").action_publish()

    def _move(self, target, **values):
        """Write the state, the only place that does."""
        self.write({"state": target, **values})
        # The index that allows one version in force is checked row by row.
        self.flush_recordset()

    # === BUSINESS === #

    def _statement(self):
        """Return the words people agree to, sensitive data highlighted apart."""
        parts = [self.notice or ""]
        if self.is_sensitive and self.sensitive_notice:
            parts.append(self.sensitive_notice)
        return "\n\n".join(parts)

    def _future_covers_from(self):
        """Return the oldest version whose consents this one would honour."""
        previous = self.purpose_id.current_version_id
        return purpose.covers_from(
            self._rule_version(), previous and previous._rule_version()
        )

    def _text_hash(self, lang):
        """Return the hash of the text as shown in ``lang``, False if unknown."""
        return lang and self.with_context(lang=lang).text_hash
