import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// A chip shows one or more kinds of entries.
export const CHIPS = [
    ["events", _t("Events"), ["event", "visit"], "fa-bolt"],
    ["messages", _t("Messages"), ["message", "reply", "click"], "fa-envelope-o"],
    ["decisions", _t("Decisions"), ["decision"], "fa-question-circle-o"],
    ["moves", _t("Stages and tiers"), ["stage", "tier"], "fa-exchange"],
    ["segments", _t("Segments"), ["segment"], "fa-users"],
    ["consents", _t("Consents"), ["consent", "care"], "fa-shield"],
    ["work", _t("Tasks and calls"), ["task", "call", "merge"], "fa-check-square-o"],
];
const ICONS = Object.fromEntries(
    CHIPS.flatMap(([, , kinds, icon]) => kinds.map((kind) => [kind, icon]))
);

/** Everything that is kept of a trader, newest first, a page at a time. */
export class TraderTimeline extends Component {
    static template = "veloc_crm.TraderTimeline";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.chips = CHIPS;
        this.icons = ICONS;
        this.keepLast = new KeepLast();
        this.state = useState({ entries: [], next: false, chosen: [], isBusy: false });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.props.record.resId) {
                return this.load(next.record.resId);
            }
        });
    }

    get kinds() {
        const chosen = CHIPS.filter(([code]) => this.state.chosen.includes(code));
        return chosen.flatMap(([, , kinds]) => kinds);
    }

    async fetch(traderId, before) {
        this.state.isBusy = true;
        const page = await this.keepLast.add(
            this.orm.call("veloc.timeline", "load_page", [traderId], {
                kinds: this.kinds,
                before,
            })
        );
        this.state.isBusy = false;
        return page;
    }

    async load(traderId) {
        if (!traderId) {
            return;
        }
        const page = await this.fetch(traderId, false);
        Object.assign(this.state, page);
    }

    async loadMore() {
        const page = await this.fetch(this.props.record.resId, this.state.next);
        this.state.entries.push(...page.entries);
        this.state.next = page.next;
    }

    toggle(code) {
        const { chosen } = this.state;
        this.state.chosen = chosen.includes(code)
            ? chosen.filter((other) => other !== code)
            : [...chosen, code];
        return this.load(this.props.record.resId);
    }

    showAll() {
        this.state.chosen = [];
        return this.load(this.props.record.resId);
    }

    open(entry) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: entry.model,
            res_id: entry.res_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("veloc_trader_timeline", {
    component: TraderTimeline,
});
