"use strict";
// Whatever comes from the run is set as text, never as markup.
const $ = (id) => document.getElementById(id);
const plots = {};
let last = {};

function element(name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function list(into, entries) {
  into.replaceChildren(...entries.flatMap(([name, value]) => [element("dt", name.replaceAll("_", " ")), element("dd", String(value))]));
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function plot(id, points, label) {
  const place = $(id);
  if (!points || points.length < 2) {
    if (!plots[id]) place.textContent = "nothing learned yet";
    return;
  }
  const data = [points.map((p) => p[0]), points.map((p) => p[1])];
  if (plots[id]) {
    plots[id].setData(data);
    return;
  }
  place.textContent = "";
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 } };
  plots[id] = new uPlot({
    width: place.clientWidth, height: 200, scales: { x: { time: false } }, legend: { show: true },
    axes: [axis, axis], series: [{ label: "step" }, { label, stroke: colour("--accent"), width: 2 }],
  }, data, place);
}

function redraw() {
  for (const id of Object.keys(plots)) {
    plots[id].destroy();
    delete plots[id];
  }
  show(last);
}

function encoders(state) {
  const focused = document.activeElement && document.activeElement.dataset.version;
  $("encoders").replaceChildren(...[...(state.encoders || [])].reverse().map((one) => {
    const row = element("tr", "", one.serving ? "serving" : "");
    const button = element("button", one.serving ? "Served" : "Promote");
    button.disabled = one.serving;
    button.dataset.version = one.version;
    button.setAttribute("aria-label", "Promote version " + one.version);
    button.addEventListener("click", () => change("promote", { version: one.version }));
    const last = element("td", "");
    last.append(button);
    row.append(element("td", one.version), last, element("td", one.chunk), element("td", one.kept.slice(0, 19).replace("T", " ")), element("td", one.sha256.slice(0, 12)));
    return row;
  }));
  if (focused) {
    const again = document.querySelector('[data-version="' + Number(focused) + '"]');
    if (again) again.focus();
  }
}

function decisions(state) {
  $("decisions").replaceChildren(...[...(state.decisions || [])].reverse().map((one) => {
    const item = element("li", "");
    item.append(element("strong", one.what + " " + (one.version || "")), " ");
    if (one.verdict) item.append(element("span", one.verdict + ", " + one.action, one.verdict), " ");
    item.append(element("span", one.reasons.join("; ")), " ", element("span", one.at.slice(0, 19).replace("T", " "), "soft"));
    return item;
  }));
}

function show(state) {
  if (!state.serving) return;
  last = state;
  const now = state.now;
  list($("now"), [["doing", now.doing], ["pictures per s", now.pictures_per_s.toFixed(1)], ["chunks waiting", now.chunks_waiting], ["open chunk", (now.spool_bytes / 1e6).toFixed(1) + " MB"], ["serving", state.serving.version ? "version " + state.serving.version + (state.serving.held ? ", held" : "") : "nothing yet"]]);
  const counts = Object.entries(state.account);
  list($("account"), counts.length ? counts : [["pictures", "none were offered yet"]]);
  plot("loss", state.loss, "loss");
  plot("health", state.health, "rank");
  $("rollback").disabled = !(state.serving.before || []).length;
  $("hold").textContent = state.serving.held ? "Release" : "Hold";
  encoders(state);
  decisions(state);
  $("state").textContent = "as of " + state.at.slice(11, 19) + " UTC";
}

async function change(what, body) {
  const answer = await fetch(what, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const json = await answer.json();
  $("answer").textContent = answer.ok ? "" : json.error;
  if (answer.ok) show(json);
  if (answer.status === 401) $("access").open = true;
}

let events;
function listen() {
  if (events) events.close();
  events = new EventSource("events");
  events.addEventListener("live", (event) => show(JSON.parse(event.data)));
  events.onerror = () => { $("state").textContent = "not connected; the server may want its token, or be down"; };
}

$("token-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("session", { method: "POST", headers: { Authorization: "Bearer " + $("token").value } });
  $("token").value = "";
  $("access-words").textContent = answer.ok ? "opened" : (await answer.json()).error;
  if (answer.ok) { $("answer").textContent = ""; listen(); }
});
$("rollback").addEventListener("click", () => change("rollback", {}));
$("hold").addEventListener("click", () => change("hold", { held: !last.serving.held }));
let width = window.innerWidth;
window.addEventListener("resize", () => { if (window.innerWidth !== width) { width = window.innerWidth; redraw(); } });
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
listen();
