from odoo import api, fields, models

KINDS = ("first_deposit", "next_deposit")


class VelocDemo(models.AbstractModel):
    """The demo's first night: RFM works with few people, the rest says it cannot."""

    _inherit = "veloc.demo"

    @api.model
    def _load(self):
        result = super()._load()
        now, company = fields.Datetime.now(), self.env.company
        for name in ("veloc.rfm.run", "veloc.cluster.run"):
            self._run_at_once(self.env[name], company, now)
        self.env["veloc.score.activity"]._train(company, "activity", now)
        self.env["veloc.score.value"]._train(company, "value", now)
        for kind in KINDS:
            self.env["veloc.score.trainer"]._train_chance(company, kind, now)
        self.env["veloc.score.model"].search([("id", "!=", False)]).looked_at = now
        return result

    @api.model
    def _run_at_once(self, model, company, now):
        """Run without the commits of the nightly job: demo data are one transaction."""
        values = model._prepare_run(company, now)
        run = model.create({"company_id": company.id, "at": now, **values})
        while not run.is_done and (upto := run._next_id()):
            ids = run._write_batch(upto)
            run.write({"last_id": upto, "changed": run.changed + len(ids)})
        if not run.is_done:
            run._end()
