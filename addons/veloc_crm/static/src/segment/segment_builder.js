import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { SegmentGroup } from "./segment_group";
import { toDefinition, toTree } from "./segment_tree";

/** Builds a segment's definition and shows at once how many fit it, and who. */
export class SegmentBuilder extends Component {
    static template = "veloc_crm.SegmentBuilder";
    static components = { SegmentGroup };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ tree: null, preview: null, reach: null, purpose: "", busy: false });
        this.look = useDebounced(() => this.loadPreview(), 400);
        this.written = null;
        this.asked = 0;
        onWillStart(async () => {
            this.catalog = await this.orm.call("veloc.segment.catalog", "builder", []);
            this.read(this.props);
            this.loadPreview();
        });
        onWillUpdateProps((next) => {
            const text = JSON.stringify(next.record.data[next.name] || false);
            if (text !== this.written) {
                this.read(next);
                this.look();
            }
        });
    }

    get code() {
        return this.props.record.data.code || false;
    }

    read(props) {
        const definition = props.record.data[props.name] || false;
        this.written = JSON.stringify(definition);
        this.state.tree = toTree(definition);
        this.state.reach = null;
    }

    async changed() {
        const definition = toDefinition(this.state.tree);
        this.written = JSON.stringify(definition);
        this.state.reach = null;
        await this.props.record.update({ [this.props.name]: definition });
        this.look();
    }

    async loadPreview() {
        const definition = toDefinition(this.state.tree);
        const number = ++this.asked;
        if (!definition) {
            this.state.preview = null;
            return;
        }
        const preview = await this.orm.call("veloc.segment", "preview", [definition, this.code]);
        // The answer to an older question must not replace a newer one.
        if (number === this.asked) {
            this.state.preview = preview;
        }
    }

    async loadReach() {
        const definition = toDefinition(this.state.tree);
        const purpose = this.state.purpose || this.catalog.purposes[0]?.[0];
        if (!definition || !purpose) {
            return;
        }
        this.state.busy = true;
        try {
            this.state.reach = await this.orm.call("veloc.segment", "reach", [
                definition,
                purpose,
                this.code,
            ]);
        } finally {
            this.state.busy = false;
        }
    }

    number(value) {
        return new Intl.NumberFormat(document.documentElement.lang || undefined).format(value);
    }

    open(person) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "veloc.trader",
            res_id: person.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("veloc_segment_builder", {
    component: SegmentBuilder,
    displayName: _t("Segment builder"),
    supportedTypes: ["json"],
    isEmpty: () => false,
});
