import { Component } from "@odoo/owl";
import { SegmentCondition } from "./segment_condition";
import { group, newCondition } from "./segment_tree";

/** A group of conditions and groups: all of, any of, none of, not all of. */
export class SegmentGroup extends Component {
    static template = "veloc_crm.SegmentGroup";
    static components = { SegmentCondition, SegmentGroup };
    static props = {
        node: Object,
        catalog: Object,
        readonly: Boolean,
        depth: Number,
        changed: Function,
        remove: { type: Function, optional: true },
    };

    setVerb(verb) {
        this.props.node.verb = verb;
        this.props.changed();
    }

    addCondition() {
        const condition = newCondition("event", this.props.catalog);
        this.props.node.children.push({ condition });
        this.props.changed();
    }

    addGroup() {
        this.props.node.children.push(
            group("any", [{ condition: newCondition("event", this.props.catalog) }])
        );
        this.props.changed();
    }

    change(child, condition) {
        child.condition = condition;
        this.props.changed();
    }

    removeChild(index) {
        this.props.node.children.splice(index, 1);
        this.props.changed();
    }
}
