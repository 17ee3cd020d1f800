/* The notification page: asks the browser, tells the house. No inline script (CSP). */

const root = document.getElementById("push");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const status = part("status");

function say(name) {
    // The sentences stand in the page, in the person's language.
    status.textContent = part(`text-${name}`).textContent;
    status.className = name.startsWith("no-") ? "card" : "note";
    status.hidden = false;
}

function show(name, isShown) {
    part(name).hidden = !isShown;
}

async function tell(wish) {
    const answer = await fetch(window.location.pathname, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(wish),
        credentials: "omit",
    });
    if (!answer.ok) {
        throw new Error(`status ${answer.status}`);
    }
}

function key() {
    const text = root.dataset.key.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function boxes() {
    const all = [...root.querySelectorAll("input[name=allow]")];
    return {
        shown: all.map((box) => box.value),
        allow: all.filter((box) => box.checked).map((box) => box.value),
    };
}

async function worker() {
    await navigator.serviceWorker.register("/veloc/push/sw.js");
    return navigator.serviceWorker.ready;
}

async function subscribed() {
    const registration = await navigator.serviceWorker.getRegistration("/veloc/push/");
    return registration ? registration.pushManager.getSubscription() : null;
}

async function turnOn() {
    if ((await Notification.requestPermission()) !== "granted") {
        return say("no-permission");
    }
    const registration = await worker();
    const options = { userVisibleOnly: true, applicationServerKey: key() };
    let subscription = await registration.pushManager.getSubscription();
    try {
        subscription ||= await registration.pushManager.subscribe(options);
    } catch (error) {
        if (error.name !== "InvalidStateError") {
            throw error;
        }
        // Subscribed with another key of ours: that one is of no use any more.
        await (await registration.pushManager.getSubscription())?.unsubscribe();
        subscription = await registration.pushManager.subscribe(options);
    }
    await tell({ action: "subscribe", subscription: subscription.toJSON(), ...boxes() });
    say("on");
    await refresh();
}

async function turnOff() {
    const subscription = await subscribed();
    if (subscription) {
        await tell({ action: "unsubscribe", endpoint: subscription.endpoint });
        await subscription.unsubscribe();
    }
    say("off");
    await refresh();
}

async function refresh() {
    const isOn = Boolean(await subscribed());
    show("turn-on", !isOn);
    show("save", isOn);
    show("turn-off", isOn);
}

function guarded(action) {
    return async (event) => {
        event.preventDefault();
        const button = event.currentTarget;
        button.setAttribute("aria-busy", "true");
        try {
            await action();
        } catch {
            say("no-luck");
        } finally {
            button.removeAttribute("aria-busy");
        }
    };
}

const isAble =
    "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (!isAble) {
    say(/iPhone|iPad/.test(navigator.userAgent) ? "no-iphone" : "no-browser");
} else {
    part("turn-on").addEventListener("click", guarded(turnOn));
    part("save").addEventListener("click", guarded(turnOn));
    part("turn-off").addEventListener("click", guarded(turnOff));
    if (Notification.permission === "denied") {
        say("no-permission");
    }
    refresh();
}
