// Dialogs of the simulator: a new phone, a new number, faults and conditions.

import { h, icon, sheet, toast } from "./dom.js";
import { t } from "./i18n.js";
import { call, store } from "./store.js";

export function addPhone(host) {
  const name = h("input", { type: "text", required: true, autocomplete: "off" });
  const number = h("input", { type: "tel", required: true, placeholder: "+55 11 98888-0004", autocomplete: "off" });
  const username = h("input", { type: "text", autocomplete: "off" });
  const hide = h("input", { type: "checkbox" });
  const close = sheet(host, t("addPhone"), t("close"), h("form", {
    class: "stack", onsubmit: async (e) => {
      e.preventDefault();
      try {
        const p = await call("POST", "/phone/phones", { name: name.value, phone: number.value, username: username.value.trim(), hide_phone: hide.checked });
        close();
        document.querySelector(`[role=tab][data-phone="${CSS.escape(p.id)}"]`)?.click();
      } catch { /* said already */ }
    },
  }, h("label", {}, t("name"), name), h("label", {}, t("number"), number), h("label", {}, t("username"), username),
  h("label", { class: "tick" }, hide, t("hidePhone")), h("button", { type: "submit", class: "primary" }, t("add"))));
}

export function changeNumber(host, phone) {
  const number = h("input", { type: "tel", placeholder: "+55 11 98888-0009", autocomplete: "off" });
  const go = async (value) => {
    try {
      await call("POST", `/phone/phones/${encodeURIComponent(phone.id)}/identity`, { phone: value });
      close();
    } catch { /* said already */ }
  };
  const close = sheet(host, t("changeNumber"), t("close"), h("form", { class: "stack", onsubmit: (e) => { e.preventDefault(); if (number.value.trim()) go(number.value); } },
    h("label", {}, t("newNumber"), number), h("button", { type: "submit", class: "primary" }, t("save")),
    h("button", { type: "button", class: "quiet", onclick: () => go("") }, t("newIdentity"))));
}

const codes = [
  [131049, "healthy ecosystem"], [131026, "undeliverable"], [131047, "re-engagement (24 h)"], [131050, "marketing opt-out"], [131056, "pair rate limit"], [130429, "rate limit"],
  [131000, "something went wrong"], [131016, "service unavailable"], [131048, "spam rate limit"], [131042, "payment"], [190, "token expired"], [131031, "account locked"], [368, "policy block"],
  [131051, "unsupported type"], [131053, "media upload"], [130472, "experiment"], [130403, "blocked user"], [132015, "template paused"], [132016, "template disabled"], [132001, "template missing"],
  [131057, "maintenance"], [133010, "not registered"], [4, "app calls"], [80007, "account calls"], [1, "API unknown"], [2, "API service"], [131062, "BSUID unsupported"], [131064, "misclassified templates"],
];

const option = (value, text, selected) => h("option", { value, selected }, text);

// conditions is the panel for what can go wrong at the platform.
export async function conditions(host, person = "") {
  const faults = h("ul", { class: "faults" });
  const rest = h("div", { class: "stack" });
  sheet(host, t("conditions"), t("close"), faultForm(person, () => list(faults)), h("h3", {}, t("faultList")), faults, h("h3", {}, t("network")), rest);
  await Promise.all([list(faults), network(rest)]).catch(() => {});
}

function faultForm(person, done) {
  const who = h("select", {}, option("", t("everyone")), store.phones.map((p) => option(p.id, p.name, p.id === person)));
  const how = h("select", {}, [["status", "faultStatus"], ["error", "faultError"], ["lost_answer", "faultLost"], ["http", "fault503"], ["reset", "faultReset"], ["hang", "faultHang"], ["silence", "faultSilence"]]
    .map(([v, k]) => option(v, t(k))));
  const code = h("select", {}, codes.map(([v, text]) => option(String(v), `${v} · ${text}`)));
  const times = h("input", { type: "number", min: "1", max: "1000", value: "1" });
  const codeLabel = h("label", {}, t("faultCode"), code);
  how.addEventListener("change", () => { codeLabel.hidden = !["status", "error"].includes(how.value); });
  return h("form", {
    class: "stack", onsubmit: async (e) => {
      e.preventDefault();
      const action = { kind: how.value };
      if (!codeLabel.hidden) action.code = Number(code.value);
      if (how.value === "http") Object.assign(action, { status: 503, body: "json" });
      await call("POST", "/control/faults", { match: { person: who.value }, times: Number(times.value), action }).catch(() => {});
      done();
    },
  }, h("h3", {}, t("faultTitle")), h("div", { class: "pair" }, h("label", {}, t("faultWho"), who), h("label", {}, t("faultTimes"), times)),
  h("label", {}, t("faultHow"), how), codeLabel, h("button", { type: "submit", class: "primary" }, t("faultAdd")));
}

async function list(el) {
  const { faults } = await call("GET", "/control/faults");
  const name = (id) => store.phones.find((p) => p.id === id)?.name ?? t("everyone");
  el.replaceChildren(...(faults.length ? faults.map((f) => h("li", {},
    h("span", {}, `${f.action.kind} ${f.action.code ?? f.action.status ?? ""} · ${name(f.match.person)} · ${f.times ? t("faultHits", f.hits, f.times) : t("faultForever", f.hits)}`),
    h("button", { type: "button", class: "round", "aria-label": t("remove"), onclick: async () => { await call("DELETE", `/control/faults/${encodeURIComponent(f.id)}`).catch(() => {}); list(el); } }, icon("trash")))) : [h("li", {}, t("faultNone"))]));
}

async function network(el) {
  const [settings, state, stats] = await Promise.all([call("GET", "/control/settings"), call("GET", "/control/state"), call("GET", "/control/stats")]);
  const latency = h("input", { type: "number", min: "0", max: "60000", value: String(settings.latency.fixed_ms) });
  const toggle = (text, checked, act) => h("label", { class: "tick" }, h("input", { type: "checkbox", checked, onchange: (e) => act(e.target.checked).then(() => toast(t("applied"))).catch(() => {}) }), text);
  const waba = state.wabas?.[0];
  const tokens = (state.apps ?? []).flatMap((a) => a.tokens ?? []);
  el.replaceChildren(
    h("form", { class: "inline", onsubmit: async (e) => { e.preventDefault(); await call("PATCH", "/control/settings", { latency: { fixed_ms: Number(latency.value) } }).then(() => toast(t("applied"))).catch(() => {}); } },
      h("label", {}, t("latency"), latency), h("button", { type: "submit", class: "quiet" }, t("apply"))),
    toggle(t("pausedHooks"), settings.webhooks.paused, (on) => call("PATCH", "/control/settings", { webhooks: { paused: on } })),
    waba && toggle(t("payment"), !!waba.payment_problem, (on) => call("POST", `/control/wabas/${waba.id}/account`, { payment_problem: on ? "http" : "" })),
    tokens[0] && toggle(t("revoked"), !!tokens[0].revoked, (on) => call("POST", `/control/tokens/${on ? "revoke" : "restore"}`, { token: tokens[0].token })),
    h("div", { class: "inline" }, h("span", {}, t("pending", stats.queued + stats.waiting)), h("button", { type: "button", class: "quiet", onclick: () => call("POST", "/control/webhooks/retry").then(() => toast(t("applied"))).catch(() => {}) }, t("retryNow"))),
    waba?.templates?.length && h("h3", {}, t("templates")),
    ...(waba?.templates ?? []).map((tpl) => h("label", { class: "line" }, `${tpl.name} (${tpl.language})`,
      h("select", { onchange: (e) => call("POST", `/control/templates/${tpl.id}/status`, { event: e.target.value }).then(() => toast(t("applied"))).catch(() => {}) },
        ["APPROVED", "PAUSED", "DISABLED", "REJECTED", "PENDING"].map((s) => option(s, s, s === tpl.status))))));
}
