import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { firstValue, newCondition, unitsFor } from "./segment_tree";

/** One condition: what, how, how much; plain form controls, so that keys and readers work. */
export class SegmentCondition extends Component {
    static template = "veloc_crm.SegmentCondition";
    static props = {
        condition: Object,
        catalog: Object,
        readonly: Boolean,
        change: Function,
        remove: Function,
    };

    setup() {
        this.opLabels = {
            in: _t("is one of"),
            not_in: _t("is none of"),
            empty: _t("nothing yet"),
            set: _t("is known"),
            is: _t("is"),
            ">=": _t("at least"),
            "<=": _t("at most"),
            "=": _t("exactly"),
            between: _t("between"),
            older_than: _t("more than … ago"),
            within: _t("in the last"),
        };
        this.unitLabels = { minutes: _t("minutes"), hours: _t("hours"), days: _t("days") };
        this.counts = [">=", "<=", "="];
        this.others = [
            ["event", _t("Did something")],
            ["sequence", _t("Began and did not finish")],
            ["trend", _t("Pace goes up or down")],
            ["message", _t("Messages")],
            ["consent", _t("Consent")],
            ["suppression", _t("Under protection")],
            ["segment", _t("In another segment")],
        ];
    }

    get c() {
        return this.props.condition;
    }

    get what() {
        return this.c.is === "field" ? `field:${this.c.field}` : this.c.is;
    }

    get field() {
        return this.props.catalog.fields.find((f) => f.name === this.c.field);
    }

    get groups() {
        const { groups, fields } = this.props.catalog;
        return Object.entries(groups).map(([name, label]) => ({
            label,
            fields: fields.filter((f) => f.group === name),
        }));
    }

    get valueKind() {
        const { op } = this.c;
        const kind = this.field && this.field.kind;
        if (op === "empty" || op === "set") {
            return "none";
        }
        if (op === "between") {
            return "range";
        }
        return (
            { number: "number", age: "number", share: "number", flag: "flag", exists: "flag" }[
                kind
            ] || (["moment", "day", "birthday"].includes(kind) ? "span" : "list")
        );
    }

    opLabel(op) {
        return this.field && this.field.kind === "birthday" ? _t("in the next") : this.opLabels[op];
    }

    units(kind) {
        return unitsFor(kind);
    }

    // === CHANGES === //

    choose(what) {
        this.props.change(newCondition(what, this.props.catalog));
    }

    set(key, value) {
        const changed = { ...this.c, [key]: value };
        if (value === "" || value === undefined) {
            delete changed[key];
        }
        this.props.change(changed);
    }

    setOp(op) {
        const value = firstValue(this.field, op);
        const { value: _old, ...rest } = this.c;
        this.props.change(value === undefined ? { ...rest, op } : { ...rest, op, value });
    }

    setNumber(key, text) {
        this.set(key, text === "" ? 0 : Number(text));
    }

    setOptionalNumber(key, text) {
        this.set(key, text === "" ? undefined : Number(text));
    }

    setRange(index, text) {
        const value = [...this.c.value];
        value[index] = Number(text);
        this.set("value", value);
    }

    setSpan(key, part, text) {
        const old = this.c[key] || { value: 30, unit: "days" };
        this.set(key, { ...old, [part]: part === "value" ? Math.round(Number(text)) : text });
    }

    setWindow(unit) {
        if (unit === "ever") {
            this.set("within", undefined);
        } else {
            this.setSpan("within", "unit", unit);
        }
    }

    setData(part, text) {
        const data = { key: "", value: "", ...this.c.data, [part]: text };
        this.set("data", data.key || data.value ? data : undefined);
    }

    setList(key, select, isNumber) {
        const values = [...select.selectedOptions].map((option) => option.value);
        this.set(key, isNumber ? values.map(Number) : values);
    }

    get isNumberList() {
        return ["ids", "tags"].includes(this.field.kind);
    }
}
