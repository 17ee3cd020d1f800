import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const EVERY = 60000;
// Colour is never alone: each state has its word and its sign.
const STATES = {
    good: { label: _t("In order"), icon: "fa-check-circle", badge: "text-bg-success" },
    warn: { label: _t("Look at it"), icon: "fa-exclamation-circle", badge: "text-bg-warning" },
    bad: { label: _t("Act now"), icon: "fa-exclamation-triangle", badge: "text-bg-danger" },
};
const SEVERITIES = {
    info: "text-bg-info",
    warning: "text-bg-warning",
    critical: "text-bg-danger",
};

export class ComplianceBoard extends Component {
    static template = "veloc_compliance.ComplianceBoard";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.states = STATES;
        this.severities = SEVERITIES;
        this.state = useState({ data: null });
        onWillStart(() => this.load());
        const timer = setInterval(() => this.refresh(), EVERY);
        onWillUnmount(() => clearInterval(timer));
    }

    async load() {
        this.state.data = await this.orm.call("veloc.compliance.board", "load", []);
    }

    async refresh() {
        // Nobody looks at a hidden tab, and a server that is away is asked again.
        if (!document.hidden) {
            await this.orm.silent
                .call("veloc.compliance.board", "load", [])
                .then((data) => (this.state.data = data))
                .catch(() => {});
        }
    }

    age(minutes) {
        if (minutes < 90) {
            return _t("%s min", minutes);
        }
        return minutes < 2880
            ? _t("%s h", Math.round(minutes / 60))
            : _t("%s days", Math.round(minutes / 1440));
    }

    clock(alert) {
        if (alert.minutes_left === false) {
            return alert.owner;
        }
        return alert.minutes_left > 0
            ? _t("next level in %s", this.age(alert.minutes_left))
            : _t("next level is being told");
    }

    async open(code) {
        const action = await this.orm.call("veloc.compliance.board", "open", [code]);
        await this.action.doAction(action);
    }

    async openAlert(alert) {
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "veloc.alert",
            res_id: alert.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("veloc_compliance.board", ComplianceBoard);
