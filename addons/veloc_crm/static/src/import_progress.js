import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Imports step by step while the dialog is open, and shows how far it is. */
export class ImportProgress extends Component {
    static template = "veloc_crm.ImportProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.isOpen = true;
        onMounted(() => this.run());
        onWillUnmount(() => {
            this.isOpen = false;
        });
    }

    get percent() {
        return Math.round(this.props.record.data.progress || 0);
    }

    async run() {
        const { record } = this.props;
        while (this.isOpen && record.data.state === "running") {
            await this.orm.call(record.resModel, "action_step", [[record.resId]]);
            if (this.isOpen) {
                await record.load();
            }
        }
    }
}

registry.category("view_widgets").add("veloc_import_progress", {
    component: ImportProgress,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "progress", type: "float" },
    ],
});
