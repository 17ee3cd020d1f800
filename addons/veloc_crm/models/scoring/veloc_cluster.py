from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ...rules import clusters


class VelocCluster(models.Model):
    """A group of clients that k-means found, named by what sets it apart.

    A group that a later run finds again keeps its record.
    """

    _name = "veloc.cluster"
    _description = "Cluster"
    _order = "number, id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Integer(required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    center = fields.Json(readonly=True)
    traits = fields.Json(readonly=True, help="What sets it apart: feature and z.")
    means = fields.Json(readonly=True, help="The plain means of its members.")
    trader_count = fields.Integer("Clients", readonly=True)
    share = fields.Float("Share of clients", readonly=True)
    name = fields.Char(compute="_compute_name")
    z_table = fields.Json(compute="_compute_z_table")
    found_at = fields.Datetime("Found on", readonly=True)

    # === COMPUTE === #

    @api.depends("traits", "means")
    @api.depends_context("lang")
    def _compute_z_table(self):
        labels = self._labels()
        for cluster in self:
            means = cluster.means or {}
            rows = [
                {
                    "cells": [labels[name], _number(self.env, means.get(name))],
                    "bars": [max(min(z / 2, 1), -1)],
                }
                for name, z in cluster.traits or []
            ]
            cluster.z_table = {
                "head": [self.env._("Feature"), self.env._("Mean")],
                "bars": self.env._("Against the other groups"),
                "rows": rows,
            }

    @api.depends("traits", "number")
    @api.depends_context("lang")
    def _compute_name(self):
        words = self._words()
        for cluster in self:
            said = [
                words[name][z > 0] for name, z in clusters.said(cluster.traits or [])
            ]
            text = ", ".join(said) or self.env._("in the middle of all")
            cluster.name = f"{cluster.number}. {text[:1].upper()}{text[1:]}"

    @api.depends("name")
    def _compute_display_name(self):
        for cluster in self:
            cluster.display_name = cluster.name

    # === ACTIONS === #

    def action_open_traders(self):
        """Return the list of this cluster's people."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_action"
        )
        return {
            **action,
            "name": self.name,
            "domain": [("figures_id.cluster_id", "=", self.id)],
        }

    # === BUSINESS === #

    @api.model
    def _words(self):
        """Return (below, above the others) in words, for each feature."""
        return {
            "recency": (self.env._("recently active"), self.env._("long silent")),
            "frequency": (self.env._("seldom here"), self.env._("often here")),
            "money": (self.env._("low deposits"), self.env._("high deposits")),
            "volume": (self.env._("low volume"), self.env._("high volume")),
            "tenure": (self.env._("new"), self.env._("long-standing")),
            "withdrawals": (
                self.env._("leaves the money here"),
                self.env._("withdraws much"),
            ),
        }

    @api.model
    def _labels(self):
        return {
            "recency": self.env._("Days since last activity"),
            "frequency": self.env._("Active days"),
            "money": self.env._("Net deposits"),
            "volume": self.env._("Volume"),
            "tenure": self.env._("Days a client"),
            "withdrawals": self.env._("Withdrawn, % of deposits"),
        }


def _number(env, value):
    return "" if value is None else formatLang(env, value, digits=0)
