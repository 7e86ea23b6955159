// What the page knows: filled by the WebSocket, changed by nobody else.

import { t } from "./i18n.js";
import { toast } from "./dom.js";

export const store = { phones: [], businesses: [], connected: false };

const listeners = new Set();

// listen calls f(event) after every change of the store.
export function listen(f) {
  listeners.add(f);
  return () => listeners.delete(f);
}

const tell = (event) => listeners.forEach((f) => f(event));

export const phoneById = (id) => store.phones.find((p) => p.id === id);

export function chatOf(phone, number) {
  return (phone.chats[number] ??= { messages: [], typing_ms: 0 });
}

function apply(e) {
  const phone = e.phone_id && phoneById(e.phone_id);
  switch (e.event) {
    case "state":
      store.phones = e.phones;
      store.businesses = e.businesses ?? [];
      break;
    case "phone": {
      const known = phoneById(e.phone.id);
      if (known) Object.assign(known, e.phone);
      else {
        store.phones.push({ ...e.phone, chats: {} });
        e.event = "added";
      }
      e.phone_id = e.phone.id;
      break;
    }
    case "removed":
      store.phones = store.phones.filter((p) => p.id !== e.phone_id);
      break;
    case "message": {
      if (!phone) return;
      const list = chatOf(phone, e.number).messages;
      const at = list.findIndex((m) => m.key === e.message.key);
      if (at >= 0) list[at] = e.message;
      else {
        let i = list.length;
        while (e.message.seq && i > 0 && !list[i - 1].mine && list[i - 1].seq > e.message.seq) i--;
        list.splice(i, 0, e.message);
      }
      break;
    }
    case "typing":
      if (phone) chatOf(phone, e.number).typing_ms = e.typing_ms;
      break;
    case "chat":
      if (phone) chatOf(phone, e.number).opted_out = e.opted_out;
      break;
    case "cleared":
      if (phone) chatOf(phone, e.number).messages = [];
      break;
  }
  tell(e);
}

let pause = 250;

// connect keeps the page live: it comes back by itself and starts again from the whole state.
export function connect() {
  const ws = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/phone/live`);
  ws.onmessage = (m) => {
    pause = 250;
    if (!store.connected) {
      store.connected = true;
      tell({ event: "connection" });
    }
    apply(JSON.parse(m.data));
  };
  ws.onclose = () => {
    if (store.connected) {
      store.connected = false;
      tell({ event: "connection" });
    }
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, 4000);
  };
}

// call makes a request to the simulator; what goes wrong is shown.
export async function call(method, path, body) {
  const raw = body instanceof Blob;
  try {
    const res = await fetch(path, {
      method,
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
      headers: body === undefined || raw ? {} : { "Content-Type": "application/json" },
    });
    const answer = await res.json();
    if (!res.ok) throw new Error(answer.error ?? res.statusText);
    return answer;
  } catch (err) {
    toast(t("failed", err.message));
    throw err;
  }
}

const chatPath = (phone, number) => `/phone/phones/${encodeURIComponent(phone)}/chats/${encodeURIComponent(number)}`;

export const write = (phone, number, draft) => call("POST", `${chatPath(phone, number)}/messages`, draft).catch(() => {});
export const openChat = (phone, number, force) => call("POST", `${chatPath(phone, number)}/open${force ? "?force=1" : ""}`).catch(() => {});
export const played = (phone, number, id) => call("POST", `${chatPath(phone, number)}/played`, { id }).catch(() => {});
export const clearChat = (phone, number) => call("POST", `${chatPath(phone, number)}/clear`).catch(() => {});
export const marketing = (phone, number, stop) => call("POST", `${chatPath(phone, number)}/marketing`, { stop }).catch(() => {});
export const changePhone = (phone, change) => call("PATCH", `/phone/phones/${encodeURIComponent(phone)}`, change).catch(() => {});
export const removePhone = (phone) => call("DELETE", `/phone/phones/${encodeURIComponent(phone)}`).catch(() => {});

// upload stores a file and returns its description.
export function upload(phone, blob, name, type) {
  const q = new URLSearchParams({ name: name || "arquivo", type: type || blob.type || "application/octet-stream" });
  return call("POST", `/phone/phones/${encodeURIComponent(phone)}/files?${q}`, blob);
}
