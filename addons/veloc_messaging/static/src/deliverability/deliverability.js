import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const COLORS = {
    queued: "#5c6770",
    accepted: "#1f5fa8",
    delivered: "#1b7a45",
    failed: "#b3261e",
};

// What people look for, in this order; the server counts them.
const NUMBERS = [
    ["queued", _t("Queued")],
    ["accepted", _t("Sent")],
    ["delivered", _t("Delivered")],
    ["read", _t("Read")],
    ["failed", _t("Failed")],
    ["stopped", _t("Not sent")],
    ["opt_out", _t("Opt-outs")],
    ["complaint", _t("Complaints")],
];

export class Deliverability extends Component {
    static template = "veloc_messaging.Deliverability";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.display = { controlPanel: {} };
        this.numbers = NUMBERS;
        this.periods = [
            [24, _t("24 hours")],
            [72, _t("3 days")],
            [168, _t("7 days")],
            [720, _t("30 days")],
        ];
        this.state = useState({ data: null, hours: 24 });
        onWillStart(async () => {
            await Promise.all([loadBundle("web.chartjs_lib"), this.load(24)]);
        });
        useEffect(
            () => this.draw(),
            () => [this.state.data]
        );
    }

    async load(hours) {
        this.state.data = await this.orm.call("veloc.delivery.board", "load", [hours]);
        this.state.hours = this.state.data.hours;
    }

    get isEmpty() {
        return !this.state.data.accounts.length;
    }

    get hasCurve() {
        return this.state.data.curve.labels.length > 0;
    }

    draw() {
        if (!this.canvas.el) {
            return;
        }
        const { labels, sets } = this.state.data.curve;
        const chart = new Chart(this.canvas.el, {
            type: "line",
            data: {
                labels,
                datasets: sets.map((set) => ({
                    label: set.label,
                    data: set.data,
                    borderColor: COLORS[set.measure],
                    backgroundColor: COLORS[set.measure],
                    borderWidth: 2,
                    pointRadius: labels.length > 30 ? 0 : 3,
                    tension: 0.2,
                })),
            },
            options: {
                animation: false,
                responsive: true,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                scales: { y: { beginAtZero: true, ticks: { precision: 0 } } },
                plugins: { legend: { position: "bottom", labels: { boxWidth: 12 } } },
            },
        });
        return () => chart.destroy();
    }

    share(account, measure) {
        const sent = account.sums.accepted || 0;
        const rejected = account.sums.rejected || 0;
        const whole = measure === "failed" ? sent + rejected : sent;
        const part = account.sums[measure] || 0;
        if (!whole || !part || ["queued", "accepted", "stopped"].includes(measure)) {
            return "";
        }
        const percent = Math.min((100 * part) / whole, 100);
        return formatFloat(percent, { digits: [16, 1], trailingZeros: false }) + " %";
    }

    duration(seconds) {
        if (seconds === null || seconds === undefined || seconds === false) {
            return "–";
        }
        if (seconds < 90) {
            return `${Math.round(seconds)} s`;
        }
        if (seconds < 5400) {
            return `${Math.round(seconds / 60)} min`;
        }
        return `${Math.round(seconds / 3600)} h`;
    }

    async open(account, measure, reason = null) {
        const action = await this.orm.call("veloc.delivery.board", "open", [
            account.id,
            measure,
            this.state.data.since,
            reason,
        ]);
        await this.action.doAction(action);
    }

    async openAlerts(account) {
        await this.action.doAction("veloc_messaging.veloc_messaging_alert_action", {
            additionalContext: {
                search_default_not_over: 1,
                search_default_account_id: account.id,
            },
        });
    }

    async openCounts() {
        await this.action.doAction("veloc_messaging.veloc_delivery_stat_action");
    }
}

registry.category("actions").add("veloc_messaging.deliverability", Deliverability);
