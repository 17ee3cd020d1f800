import { Component, onWillStart, useState } from "@odoo/owl";
import { formatMonetary } from "@web/views/fields/formatters";
import { formatFloat } from "@web/core/utils/numbers";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const STEPS = [1, 2, 3, 4, 5];

/** The grid is a real table: what the eye sees, a screen reader reads. */
export class RfmBoard extends Component {
    static template = "veloc_crm.RfmBoard";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.rows = [...STEPS].reverse();
        this.columns = STEPS;
        this.state = useState({ data: null });
        onWillStart(() => this.load());
    }

    async load(runId = null) {
        this.state.data = await this.orm.call("veloc.rfm.board", "load", [runId]);
    }

    get data() {
        return this.state.data;
    }

    get most() {
        return Math.max(1, ...this.data.grid.map((cell) => cell.count));
    }

    get names() {
        return Object.fromEntries(this.data.segments.map((s) => [s.id, s.name]));
    }

    cell(r, f) {
        return this.data.grid.find((cell) => cell.r === r && cell.f === f);
    }

    /** Darker is more people; a root keeps one full cell from bleaching the others. */
    shade(cell) {
        const strength = Math.sqrt(cell.count / this.most);
        return `--o-veloc-share: ${Math.round(8 + 62 * strength)}%`;
    }

    day(text) {
        return formatDate(deserializeDate(text));
    }

    month(text) {
        return deserializeDate(text).toFormat("LLLL yyyy");
    }

    number(value) {
        return formatFloat(value, { digits: [16, 0] });
    }

    average(entry) {
        return entry.count ? this.money(entry.value / entry.count) : "–";
    }

    money(value) {
        return formatMonetary(value, {
            currencyId: this.data.run.currency_id,
            humanReadable: Math.abs(value) >= 100000,
        });
    }

    percent(count) {
        const share = (100 * count) / Math.max(this.data.run.people, 1);
        return `${formatFloat(share, { digits: [16, 1] })} %`;
    }

    /** Segments that somebody was or is in: an empty row or column says nothing. */
    get movers() {
        const seen = new Set(this.data.moves.flatMap(([before, now]) => [before, now]));
        return this.data.segments.filter((segment) => seen.has(segment.id));
    }

    get hasMoves() {
        return this.data.moves.some(([before, now]) => before && now);
    }

    moved(before, now) {
        const move = this.data.moves.find((m) => m[0] === before && m[1] === now);
        return move ? move[2] : 0;
    }

    get newcomers() {
        return this.data.moves
            .filter(([before, now]) => !before && now)
            .reduce((sum, move) => sum + move[2], 0);
    }

    async openCell(cell) {
        await this.open("open_cell", [cell.r, cell.f]);
    }

    async openMove(before, now) {
        await this.open("open_move", [before, now]);
    }

    async openSegment(segment) {
        const method = "action_open_traders";
        await this.action.doAction(
            await this.orm.call("veloc.rfm.segment", method, [[segment.id]])
        );
    }

    async open(method, args) {
        await this.action.doAction(await this.orm.call("veloc.rfm.board", method, args));
    }
}

registry.category("actions").add("veloc_crm.rfm", RfmBoard);
