/** The builder's tree and the stored definition: one to one, in both directions. */

const UNITS_OF = { day: ["days"], birthday: ["days"] };

export function unitsFor(kind) {
    return UNITS_OF[kind] || ["minutes", "hours", "days"];
}

/** `{verb, children}` groups: all, any, none (not any), notall. */
export function toTree(definition) {
    const where = definition && definition.where;
    const tree = where ? readNode(where) : group("all");
    return tree.verb ? tree : group("all", [tree]);
}

export function toDefinition(tree) {
    const where = writeNode(tree);
    return where ? { version: 1, where } : false;
}

export function group(verb, children = []) {
    return { verb, children };
}

function readNode(node) {
    if (node.all) {
        return group("all", node.all.map(readNode));
    }
    if (node.any) {
        return group("any", node.any.map(readNode));
    }
    if (node.not) {
        const inner = readNode(node.not);
        const verbs = { any: "none", all: "notall" };
        return verbs[inner.verb]
            ? group(verbs[inner.verb], inner.children)
            : group("none", [inner]);
    }
    return { condition: JSON.parse(JSON.stringify(node)) };
}

function writeNode(node) {
    if (node.condition) {
        return JSON.parse(JSON.stringify(node.condition));
    }
    const children = node.children.map(writeNode).filter(Boolean);
    if (!children.length) {
        return null;
    }
    return {
        all: { all: children },
        any: { any: children },
        none: { not: { any: children } },
        notall: { not: { all: children } },
    }[node.verb];
}

const FIRST_VALUES = {
    number: () => 1,
    age: () => 18,
    share: () => 0.5,
    moment: () => ({ value: 7, unit: "days" }),
    day: () => ({ value: 7, unit: "days" }),
    birthday: () => ({ value: 7, unit: "days" }),
    flag: () => true,
    exists: () => true,
};

/** A value that suits the comparison, the first choice where there are choices. */
export function firstValue(field, op) {
    if (op === "empty" || op === "set") {
        return undefined;
    }
    if (op === "between") {
        return [0, 1];
    }
    const make = FIRST_VALUES[field.kind];
    return make ? make() : field.choices.slice(0, 1).map(([value]) => value);
}

export function newCondition(what, catalog) {
    const [kind, name] = what.split(":");
    if (kind === "field") {
        const field = catalog.fields.find((f) => f.name === name);
        const op = field.ops[0];
        const condition = { is: "field", field: name, op };
        const value = firstValue(field, op);
        return value === undefined ? condition : { ...condition, value };
    }
    const span = { value: 30, unit: "days" };
    const first = (pairs) => (pairs[0] ? pairs[0][0] : "");
    return {
        event: { is: "event", type: "deposit_approved", op: ">=", times: 1, within: span },
        sequence: {
            is: "sequence",
            first: "deposit_started",
            then: "deposit_approved",
            after: { value: 1, unit: "hours" },
            within: { value: 1, unit: "days" },
        },
        trend: {
            is: "trend",
            measure: "trade_count",
            direction: "falling",
            percent: 50,
            least: 10,
        },
        consent: { is: "consent", state: "granted", purpose: first(catalog.purposes) },
        suppression: { is: "suppression", kinds: [first(catalog.suppressions)] },
        message: { is: "message", did: "opened", op: ">=", times: 1, within: span },
        segment: { is: "segment", code: first(catalog.segments) },
    }[kind];
}
