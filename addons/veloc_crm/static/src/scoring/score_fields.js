import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A table with bars from the server's {head, bars, rows: [{cells, bars}]}. */
export class BarTable extends Component {
    static template = "veloc_crm.BarTable";
    static props = { ...standardFieldProps };

    get table() {
        return this.props.record.data[this.props.name] || { head: [], rows: [] };
    }

    get hasBars() {
        return this.table.rows.some((row) => row.bars.length);
    }

    /** Below zero to the left of the middle, if any row is below zero. */
    get isTwoSided() {
        return this.table.rows.some((row) => row.bars.some((share) => share < 0));
    }

    style(share) {
        const width = Math.min(Math.abs(share), 1) * (this.isTwoSided ? 50 : 100);
        const start = this.isTwoSided ? (share < 0 ? 50 - width : 50) : 0;
        return `margin-inline-start: ${start}%; width: ${width}%`;
    }
}

/** A trader's scores, each with its reasons. */
export class Scores extends Component {
    static template = "veloc_crm.Scores";
    static props = { ...standardFieldProps };

    get scores() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("veloc_bar_table", {
    component: BarTable,
    supportedTypes: ["json"],
});
registry.category("fields").add("veloc_scores", {
    component: Scores,
    supportedTypes: ["json"],
});
