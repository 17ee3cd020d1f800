import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** May we contact this person, what is to be done, where do they belong. */
export class TraderStory extends Component {
    static template = "veloc_crm.TraderStory";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ story: null, open: null });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.props.record.resId) {
                return this.load(next.record.resId);
            }
        });
    }

    async load(traderId) {
        this.state.open = null;
        this.state.story = traderId
            ? await this.orm.call("veloc.trader", "load_story", [[traderId]])
            : null;
    }

    icon(cell) {
        if (cell.allowed) {
            return "fa-check text-success";
        }
        return cell.later ? "fa-clock-o text-warning" : "fa-times text-danger";
    }

    explain(purpose, cell) {
        this.state.open = { purpose: purpose.name, ...cell };
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("veloc_trader_story", {
    component: TraderStory,
});
