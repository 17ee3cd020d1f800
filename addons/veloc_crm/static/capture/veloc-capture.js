/* Veloc capture: a form on the broker's own site.
 *
 *   <script src="https://crm.example/veloc_crm/static/capture/veloc-capture.js"
 *           data-form="code" defer></script>
 *
 * What is stored in the browser, and when:
 * - always: the day until which the form stays away (localStorage) and that it was seen
 *   in this session (sessionStorage). Neither says who somebody is: they serve the
 *   visitor's own wish to be left alone.
 * - only after veloc.consent(true), or with data-consent="true" on the tag: a random
 *   visitor number, so that the same text is shown again, and the first and last visit
 *   (campaign labels, click ids) for 13 months. veloc.consent(false) removes them.
 *
 * The site's policy needs this server in script-src and connect-src, nothing else: no
 * eval, no inline style, no inline script. The page's language (<html lang>) decides
 * between Portuguese and English.
 */
(() => {
    "use strict";
    const tag = document.currentScript;
    const code = tag && tag.dataset.form;
    if (!code) {
        return;
    }
    const base = new URL(tag.src).origin;
    const isPreview = "preview" in tag.dataset;
    const keys = {
        pause: `veloc.${code}.pause`,
        seen: `veloc.${code}.seen`,
        visitor: "veloc.visitor",
        touches: "veloc.touches",
    };
    const DAY = 86400000;
    const TOUCH_DAYS = 396;
    // The server's ticket lasts two hours; a page may stay open for days.
    const STALE = 3600000;
    const LABELS = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];
    const CLICKS = ["gclid", "gbraid", "wbraid", "fbclid", "ttclid", "msclkid"];
    let config = null;
    let hasConsent = tag.dataset.consent === "true";
    let isOpen = false;

    // --- Storage: a browser may refuse it, and then it is as if nothing was there.

    function read(store, key) {
        try {
            return JSON.parse(window[store].getItem(key));
        } catch {
            return null;
        }
    }

    function write(store, key, value) {
        try {
            if (value === null) {
                window[store].removeItem(key);
            } else {
                window[store].setItem(key, JSON.stringify(value));
            }
        } catch {
            // Private windows: the form is then shown once a page.
        }
    }

    // --- Consent of the site's visitor, told by the site.

    function consent(isGiven) {
        hasConsent = isGiven === true;
        if (hasConsent) {
            visitor();
            remember();
        } else {
            write("localStorage", keys.visitor, null);
            write("localStorage", keys.touches, null);
        }
    }

    function visitor() {
        if (!hasConsent) {
            return null;
        }
        let id = read("localStorage", keys.visitor);
        if (typeof id !== "string") {
            const bytes = crypto.getRandomValues(new Uint8Array(12));
            id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
            write("localStorage", keys.visitor, id);
        }
        return id;
    }

    // --- Where the visit came from.

    function touch() {
        const query = new URLSearchParams(location.search);
        const found = {};
        for (const name of [...LABELS, ...CLICKS]) {
            if (query.get(name)) {
                found[name] = query.get(name).slice(0, 512);
            }
        }
        const from = document.referrer && new URL(document.referrer);
        if (from && from.host !== location.host) {
            found.referrer = `${from.origin}/`;
        }
        if (!Object.keys(found).length) {
            return null;
        }
        found.at = new Date().toISOString();
        found.page = location.origin + location.pathname;
        return found;
    }

    function touches() {
        const kept = hasConsent && read("localStorage", keys.touches);
        const isFresh = kept && kept.first && Date.parse(kept.first.at) > Date.now() - TOUCH_DAYS * DAY;
        return isFresh ? kept : {};
    }

    function remember() {
        const now = touch();
        if (now) {
            const kept = touches();
            write("localStorage", keys.touches, { first: kept.first || now, last: now });
        }
    }

    // --- Talking to the server.

    function address(path = "", more = {}) {
        const lang = document.documentElement.lang || navigator.language || "pt-BR";
        const query = new URLSearchParams({ lang, ...more });
        return `${base}/veloc/capture/${encodeURIComponent(code)}${path}?${query}`;
    }

    async function load() {
        const more = isPreview ? { preview: 1 } : {};
        if (visitor()) {
            more.visitor = visitor();
        }
        // A preview is for who is logged in; a visitor's cookies stay at home.
        const credentials = isPreview ? "same-origin" : "omit";
        const answer = await fetch(address("", more), { credentials });
        if (!answer.ok) {
            throw new Error(`veloc-capture: ${answer.status}`);
        }
        return { ...(await answer.json()), at: Date.now() };
    }

    function note(kind, more = {}) {
        if (isPreview || !config) {
            return;
        }
        const body = JSON.stringify({ kind, ticket: config.ticket, ...more });
        // text/plain needs no preflight, so it also leaves with the page.
        if (!navigator.sendBeacon || !navigator.sendBeacon(address("/note"), body)) {
            fetch(address("/note"), {
                method: "POST",
                body,
                keepalive: true,
                credentials: "omit",
            }).catch(() => {});
        }
    }

    // --- When to show it.

    function isPaused() {
        if (isPreview) {
            return false;
        }
        return read("localStorage", keys.pause) > Date.now() || read("sessionStorage", keys.seen) === true;
    }

    function isTyping() {
        const active = document.activeElement;
        return Boolean(active && active.matches("input, textarea, select, [contenteditable]"));
    }

    function arm(triggers) {
        const stop = new AbortController();
        const listen = (target, name, react) =>
            target.addEventListener(name, react, { passive: true, signal: stop.signal });
        const fire = () => {
            if (stop.signal.aborted) {
                return;
            }
            if (isTyping()) {
                // Nobody is interrupted while writing.
                setTimeout(fire, 5000);
                return;
            }
            stop.abort();
            if (!isPaused()) {
                show();
            }
        };
        if (triggers.exit) {
            listen(document.documentElement, "mouseleave", (event) => event.clientY <= 0 && fire());
            leaveOnPhone(listen, fire);
        }
        if (triggers.idle) {
            let timer = setTimeout(fire, triggers.idle * 1000);
            for (const name of ["pointerdown", "pointermove", "keydown", "scroll"]) {
                listen(document, name, () => {
                    clearTimeout(timer);
                    timer = setTimeout(fire, triggers.idle * 1000);
                });
            }
        }
        if (triggers.scroll) {
            listen(document, "scroll", () => scrolled() >= triggers.scroll && fire());
        }
        if (triggers.delay) {
            setTimeout(fire, triggers.delay * 1000);
        }
    }

    function scrolled() {
        const room = document.documentElement.scrollHeight - window.innerHeight;
        return room > 0 ? (window.scrollY / room) * 100 : 0;
    }

    // Without a mouse, a quick pull back up is how somebody leaves. The back button is
    // the visitor's: it is never caught.
    function leaveOnPhone(listen, fire) {
        let from = { y: window.scrollY, at: Date.now() };
        listen(document, "scroll", () => {
            const now = { y: window.scrollY, at: Date.now() };
            if (now.y >= from.y || now.at - from.at > 400) {
                from = now;
            } else if (from.y - now.y > 500 && matchMedia("(pointer: coarse)").matches) {
                fire();
            }
        });
    }

    // --- The dialog: a <dialog> keeps the focus, closes with Esc and gives it back.

    function make(name, properties = {}, ...children) {
        const element = document.createElement(name);
        for (const [key, value] of Object.entries(properties)) {
            if (key in element && key !== "part") {
                element[key] = value;
            } else {
                element.setAttribute(key, value);
            }
        }
        element.append(...children);
        return element;
    }

    function sheet() {
        const style = new CSSStyleSheet();
        style.replaceSync(STYLE);
        return style;
    }

    function field(name, type, label, autocomplete, isRequired) {
        const hint = make("p", { id: `${name}-error`, className: "error", hidden: true });
        const input = make("input", { id: name, name, type, autocomplete, required: isRequired });
        input.setAttribute("aria-describedby", hint.id);
        return make("div", { className: "field" }, make("label", { htmlFor: name }, label), input, hint);
    }

    function boxes(texts) {
        const parts = config.purposes.map((purpose) => {
            const link = make(
                "a",
                { href: purpose.notice_url, target: "_blank", rel: "noopener" },
                texts.notice
            );
            const about = make("p", { id: `about-${purpose.code}` }, `${purpose.text} `, link);
            const choices = purpose.channels.map(([channel, label]) => {
                const input = make("input", { type: "checkbox", name: "box" });
                input.setAttribute("aria-describedby", about.id);
                input.box = { purpose: purpose.code, channel, version: purpose.version, hash: purpose.hash };
                return make("label", {}, input, label);
            });
            const legend = make("legend", {}, purpose.name);
            const row = make("div", { className: "boxes" }, ...choices);
            return make("fieldset", {}, legend, about, row);
        });
        const hint = make("p", { id: "boxes-error", className: "error", hidden: true });
        return [...parts, make("p", { className: "small" }, texts.choose), hint];
    }

    function build() {
        const texts = config.texts;
        // Programs fill in every field; people do not see this one.
        const trap = make("input", { name: "website", tabIndex: -1, autocomplete: "off" });
        const form = make(
            "form",
            { noValidate: true },
            field("name", "text", texts.name, "name", true),
            field("email", "email", texts.email, "email", true),
            ...(config.phone ? [field("phone", "tel", texts.phone, "tel", false)] : []),
            make("div", { className: "trap", "aria-hidden": "true" }, trap),
            ...boxes(texts),
            make("p", { className: "error", role: "alert", id: "problem" }),
            make("button", { type: "submit", className: "send" }, texts.button),
            ...(texts.risk ? [make("p", { className: "small" }, texts.risk)] : [])
        );
        const close = make("button", { type: "button", className: "close" }, "×");
        close.setAttribute("aria-label", texts.close);
        const title = make("h2", { id: "title" }, texts.title);
        const offer = texts.offer ? [make("p", { className: "offer" }, texts.offer)] : [];
        const body = make("p", { id: "body" }, texts.body);
        const dialog = make("dialog", { lang: config.lang }, close, title, body, ...offer, form);
        dialog.setAttribute("aria-labelledby", "title");
        dialog.setAttribute("aria-describedby", "body");
        close.addEventListener("click", () => dialog.close());
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            send(dialog, form);
        });
        return dialog;
    }

    async function show() {
        if (isOpen || !config) {
            return;
        }
        isOpen = true;
        if (Date.now() - config.at > STALE) {
            config = await load().catch(() => config);
        }
        const host = make("div", { id: `veloc-capture-${code}` });
        const root = host.attachShadow({ mode: "open" });
        root.adoptedStyleSheets = [sheet()];
        const dialog = build();
        root.append(dialog);
        document.body.append(host);
        dialog.addEventListener("close", () => {
            pause();
            if (!dialog.isSent) {
                note("close");
            }
            host.remove();
            isOpen = false;
        });
        dialog.showModal();
        dialog.querySelector("input").focus();
        pause();
        note("show");
    }

    function pause() {
        if (!isPreview) {
            write("localStorage", keys.pause, Date.now() + config.pause_days * DAY);
            write("sessionStorage", keys.seen, true);
        }
    }

    // --- Sending.

    function values(form) {
        const said = Object.fromEntries(new FormData(form));
        delete said.box;
        const ticked = [...form.querySelectorAll("input[type=checkbox]")].filter((box) => box.checked);
        return {
            ...said,
            boxes: ticked.map((input) => input.box),
            ticket: config.ticket,
            page: location.origin + location.pathname,
            touches: touches(),
        };
    }

    async function send(dialog, form, isSecondTry = false) {
        const button = form.querySelector(".send");
        complain(form, {}, "");
        if (isPreview) {
            thank(dialog, form, config.texts.preview);
            return;
        }
        button.disabled = true;
        button.textContent = config.texts.sending;
        let error = { message: config.texts.failed };
        try {
            const answer = await fetch(address(), {
                method: "POST",
                credentials: "omit",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify(values(form)),
            });
            if (answer.ok) {
                thank(dialog, form, config.texts.thanks);
                return;
            }
            error = (await answer.json()).error;
        } catch {
            // No network, or an answer that is none: said in the page's words.
        }
        button.disabled = false;
        button.textContent = config.texts.button;
        if (error.code === "expired_ticket" && !isSecondTry) {
            const texts = JSON.stringify(config.purposes);
            const fresh = await load().catch(() => config);
            if (JSON.stringify(fresh.purposes) === texts) {
                config = fresh;
                // The server takes no form younger than two seconds.
                setTimeout(() => send(dialog, form, true), 2500);
                return;
            }
        }
        if (error.code === "stale_text" || error.code === "expired_ticket") {
            await renew(form);
        }
        complain(form, error.fields || {}, error.fields ? "" : error.message);
    }

    // The words changed while they were open: show the new ones, with empty boxes.
    async function renew(form) {
        config = await load().catch(() => config);
        const old = [...form.querySelectorAll("fieldset, #boxes-error, fieldset ~ .small:not(:last-child)")];
        old[0].before(...boxes(config.texts));
        old.forEach((part) => part.remove());
    }

    function complain(form, fields, message) {
        form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
        form.querySelectorAll("[id$=-error]").forEach((hint) => (hint.hidden = true));
        form.querySelector("#problem").textContent = message;
        let first = null;
        for (const [name, fault] of Object.entries(fields)) {
            const hint = form.querySelector(`#${name}-error`);
            const input = name === "boxes" ? form.querySelector("[name=box]") : form.querySelector(`#${name}`);
            if (!hint || !input) {
                form.querySelector("#problem").textContent = fault.message;
                continue;
            }
            hint.textContent = fault.message;
            hint.hidden = false;
            input.setAttribute("aria-invalid", "true");
            first = first || input;
        }
        if (first) {
            first.focus();
        }
    }

    function thank(dialog, form, words) {
        dialog.isSent = true;
        const done = make("p", { role: "status", className: "done", tabIndex: -1 }, words);
        form.replaceWith(done);
        done.focus();
    }

    // --- The broker's own forms: begun and left, only with the visitor's consent.

    function watch(form) {
        const what = form.dataset.velocTrack;
        if (!config.track[what]) {
            return;
        }
        let isBegun = false;
        let isDone = false;
        const begin = (more) => {
            if (hasConsent && !isBegun) {
                isBegun = true;
                note(`${what}_started`, { consent: true, touches: touches(), ...more });
            }
        };
        if (what === "signup") {
            form.addEventListener("focusout", (event) => {
                const input = event.target;
                if (input.type === "email" && input.value && input.checkValidity()) {
                    begin({ email: input.value });
                }
            });
        } else {
            const { velocTrader, velocProof } = form.dataset;
            form.addEventListener("input", () => velocTrader && begin({ trader: velocTrader, proof: velocProof }));
        }
        form.addEventListener("submit", () => (isDone = true));
        window.addEventListener("pagehide", () => isBegun && !isDone && hasConsent && note(`${what}_left`));
    }

    // --- Style: a constructed sheet in a shadow root passes the strictest policy.

    const STYLE = `
dialog { box-sizing: border-box; width: min(30rem, calc(100vw - 1.5rem)); max-height: calc(100dvh - 1.5rem);
  overflow: auto; padding: 1.5rem; border: 0; border-radius: .75rem; background: #fff; color: #17212f;
  font: 1rem/1.45 system-ui, sans-serif; box-shadow: 0 1rem 3rem #0005; }
dialog::backdrop { background: #0f1b2d99; }
h2 { margin: 0 2.5rem .5rem 0; font-size: 1.35rem; line-height: 1.25; }
p { margin: 0 0 .75rem; }
.offer { padding: .6rem .8rem; border-radius: .5rem; background: #eaf3fb; font-weight: 600; }
.field { margin-bottom: .75rem; }
.field label { display: block; margin-bottom: .2rem; font-weight: 600; }
.field input { box-sizing: border-box; width: 100%; padding: .6rem .7rem; border: 1px solid #5c6b7e;
  border-radius: .4rem; font: inherit; color: inherit; background: #fff; }
fieldset { margin: 0 0 .75rem; padding: .6rem .8rem; border: 1px solid #c3ccd8; border-radius: .5rem; }
legend { padding: 0 .3rem; font-weight: 600; }
fieldset p { font-size: .85rem; }
.boxes { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.boxes label { display: inline-flex; align-items: center; gap: .45rem; min-height: 2.25rem; }
.boxes input { width: 1.25rem; height: 1.25rem; margin: 0; }
.small { font-size: .85rem; color: #45536a; }
.error { color: #a4161a; font-size: .9rem; }
.error:empty { display: none; }
[aria-invalid] { outline: 2px solid #a4161a; }
.send { width: 100%; min-height: 2.9rem; margin-bottom: .75rem; border: 0; border-radius: .5rem; background: #0b4f8a;
  color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
.send:disabled { background: #45536a; cursor: progress; }
.close { position: absolute; top: .6rem; right: .6rem; width: 2.75rem; height: 2.75rem; border: 0; border-radius: 50%;
  background: none; color: #17212f; font-size: 1.6rem; line-height: 1; cursor: pointer; }
a { color: #0b4f8a; }
:focus-visible { outline: 3px solid #1b7fd1; outline-offset: 2px; }
.done:focus { outline: none; }
.trap { position: absolute; left: -200vw; }
@media (prefers-reduced-motion: no-preference) { dialog[open] { animation: come .2s ease-out; } }
@keyframes come { from { opacity: 0; transform: translateY(.5rem); } }
`;

    async function start() {
        window.veloc = Object.assign(window.veloc || {}, { consent, show });
        if (hasConsent) {
            remember();
        }
        document.dispatchEvent(new CustomEvent("veloc:ready"));
        config = await load();
        document.querySelectorAll("form[data-veloc-track]").forEach(watch);
        if (isPreview) {
            show();
        } else if (!isPaused()) {
            arm(config.triggers);
        }
    }

    // A site whose form is not live, or that is not on its list, just shows no form.
    start().catch(() => {});
})();
