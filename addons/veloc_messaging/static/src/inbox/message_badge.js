import { Message } from "@mail/core/common/message";
import { patch } from "@web/core/utils/patch";

const ICONS = {
    whatsapp: "fa-whatsapp",
    sms: "fa-commenting-o",
    email: "fa-envelope-o",
    push: "fa-bell-o",
    call: "fa-phone",
};
const FAILED = ["failed", "undelivered", "blocked", "expired", "cancelled"];
const ARRIVED = ["delivered", "read"];

patch(Message.prototype, {
    get velocBadge() {
        return this.message.veloc_badge || false;
    },
    get velocIcon() {
        return ICONS[this.velocBadge.channel] || "fa-comment-o";
    },
    get velocStateClass() {
        const state = this.velocBadge.state;
        if (FAILED.includes(state)) {
            return "text-danger";
        }
        return ARRIVED.includes(state) ? "text-success" : "text-muted";
    },
    get velocStateText() {
        const { state_label, failure_label } = this.velocBadge;
        return [state_label, failure_label].filter(Boolean).join(": ");
    },
});
