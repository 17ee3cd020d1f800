import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;
const EVERY = 15000;

/** Shows how long ago a moment was, or how long there is until then. */
export class ClockField extends Component {
    static template = "veloc_messaging.ClockField";
    static props = { ...standardFieldProps, isDown: { type: Boolean, optional: true } };

    setup() {
        this.state = useState({ now: DateTime.now() });
        const timer = browser.setInterval(() => {
            this.state.now = DateTime.now();
        }, EVERY);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get minutes() {
        const [from, to] = this.props.isDown
            ? [this.state.now, this.value]
            : [this.value, this.state.now];
        return Math.floor(to.diff(from, "minutes").minutes);
    }

    get isOver() {
        return this.props.isDown && this.minutes < 0;
    }

    get text() {
        if (this.isOver) {
            return _t("closed");
        }
        const minutes = Math.max(this.minutes, 0);
        if (minutes < 60) {
            return _t("%s min", minutes);
        }
        const hours = Math.floor(minutes / 60);
        if (hours < 48) {
            const rest = String(minutes % 60).padStart(2, "0");
            return _t("%(hours)s h %(minutes)s", { hours, minutes: rest });
        }
        return _t("%s days", Math.floor(hours / 24));
    }

    get title() {
        return this.value.toLocaleString(DateTime.DATETIME_SHORT);
    }
}

registry.category("fields").add("veloc_clock", {
    component: ClockField,
    displayName: _t("Running clock"),
    supportedTypes: ["datetime"],
    extractProps: ({ options }) => ({ isDown: options.direction === "down" }),
});
