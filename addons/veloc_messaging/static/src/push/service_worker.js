/* Shows what Veloc pushes and says what became of it. Served at /veloc/push/sw.js. */

const HOSTS = ["veloc.invalid"];
const ICON = "/veloc_messaging/static/src/push/icon-192.png";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));

self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const told = event.notification.data || {};
    event.waitUntil(Promise.all([report(told, "click"), open(told.url)]));
});

self.addEventListener("notificationclose", (event) =>
    event.waitUntil(report(event.notification.data || {}, "close"))
);

function read(data) {
    try {
        return data.json();
    } catch {
        return {};
    }
}

async function show(told) {
    const { title, body, lang, tag, url, report: way, reference } = told;
    await self.registration.showNotification(title || "Veloc Broker", {
        body: body || "",
        lang: lang || "",
        // A repeat of the same message takes the place of the first one.
        tag: tag || "veloc",
        icon: ICON,
        badge: ICON,
        data: { url, report: way, reference },
    });
    await report(told, "shown");
}

/** Only to where this worker comes from, whatever the message says. */
async function report(told, what) {
    if (!told.report) {
        return;
    }
    try {
        const { pathname, search } = new URL(told.report);
        if (!pathname.startsWith("/veloc/webhook/push/")) {
            return;
        }
        await fetch(pathname + search, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ event: what, reference: told.reference }),
            credentials: "omit",
            keepalive: true,
        });
    } catch {
        // Offline: the message counts as taken, and that is all we know.
    }
}

function isAllowed(url) {
    try {
        const { protocol, host } = new URL(url);
        const isOurs = host === self.location.host;
        return isOurs || (protocol === "https:" && HOSTS.includes(host));
    } catch {
        return false;
    }
}

async function open(url) {
    if (url && isAllowed(url)) {
        await self.clients.openWindow(url);
    }
}
