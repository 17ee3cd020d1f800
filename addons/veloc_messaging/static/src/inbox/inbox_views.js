import { useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { debounce } from "@web/core/utils/timing";
import { formView } from "@web/views/form/form_view";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

const CHANGED = "veloc.conversation/changed";

/** Call `refresh(ids)` a moment after conversations changed on the server. */
function useConversationChanges(refresh) {
    const bus = useService("bus_service");
    const ids = new Set();
    const later = debounce(() => {
        const changed = [...ids];
        ids.clear();
        refresh(changed);
    }, 400);
    const onChange = (payload) => {
        payload.ids.forEach((id) => ids.add(id));
        later();
    };
    useEffect(
        () => {
            bus.subscribe(CHANGED, onChange);
            return () => {
                bus.unsubscribe(CHANGED, onChange);
                later.cancel();
            };
        },
        () => []
    );
}

/** Reloads a list of conversations, unless somebody is just editing a row. */
const liveList = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            useConversationChanges(() => {
                if (!this.model.root.editedRecord && !this.model.root.selection?.length) {
                    this.model.load();
                }
            });
        }
    };

class InboxFormController extends formView.Controller {
    setup() {
        super.setup();
        this.store = useService("mail.store");
        useConversationChanges((ids) => this.refresh(ids));
    }

    async refresh(ids) {
        const record = this.model.root;
        if (!ids.includes(record.resId)) {
            return;
        }
        const thread = this.store.Thread.get({
            model: record.resModel,
            id: record.resId,
        });
        await thread?.fetchNewMessages();
        if (!(await record.isDirty())) {
            await record.load();
        }
    }
}

const views = registry.category("views");
views.add("veloc_inbox_form", { ...formView, Controller: InboxFormController });
views.add("veloc_inbox_kanban", {
    ...kanbanView,
    Controller: liveList(kanbanView.Controller),
});
views.add("veloc_inbox_list", { ...listView, Controller: liveList(listView.Controller) });
