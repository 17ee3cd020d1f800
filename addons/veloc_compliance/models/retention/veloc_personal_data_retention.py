from odoo import api, models

_PROOF = "Evidence of the erasure: numbers, hashes and dates that name nobody."
_LAW = "Why the law keeps the data; it goes with the person's last record."

_NOBODY = (
    "veloc.change.permit",
    "veloc.tombstone",
    "veloc.tombstone.journal",
    "veloc.tombstone.refusal",
    "veloc.retention.policy",
    "veloc.retention.version",
    "veloc.retention.run",
    "veloc.retention.run.line",
)


class VelocPersonalData(models.AbstractModel):
    """What retention itself stores about people: next to nothing, and why."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        return [
            *super()._data_map(),
            *self._data_map_of_erasures(),
            *self._impersonal(_PROOF, *_NOBODY),
        ]

    def _data_map_of_erasures(self):
        return [
            self._source(
                "res.partner",
                "id",
                "veloc_relationship_end veloc_blocked_at",
                "identity",
                "keep",
                reason=_LAW,
            ),
            self._source(
                "veloc.legal.hold",
                "partner_id",
                "partner_id kind law reason until placed_at placed_by "
                "policy_version_id lift_reason lift_asked_at lift_asked_by "
                "lifted_at lifted_by",
                "request",
                "keep",
                reason=_LAW,
                shown=False,
            ),
            *self._data_map_of_evidence(),
        ]

    def _data_map_of_evidence(self):
        return [
            self._source(
                "veloc.erasure",
                "partner_id",
                "partner_id reference state reason note origin requested_at "
                "requested_by blocked_at pseudonymised_at destroyed_at held_until "
                "has_files_to_collect failures failure",
                "request",
                "keep",
                reason=_PROOF,
                shown=False,
            ),
            self._source(
                "veloc.erasure.step",
                "erasure_id.partner_id",
                "erasure_id deed model rows batch_size at",
                "request",
                "keep",
                reason=_PROOF,
                shown=False,
            ),
            self._source(
                "veloc.erasure.vault",
                "erasure_id.partner_id",
                "erasure_id model data_class rows reference sealed",
                "kyc",
                "keep",
                reason="Sealed with the person's key; goes with the last hold.",
                shown=False,
            ),
        ]
