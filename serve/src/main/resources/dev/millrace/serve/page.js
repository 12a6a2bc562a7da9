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

function rows(into, all) {
  into.replaceChildren(...all.map((cells) => {
    const row = element("tr", "");
    row.append(...cells.map((cell) => element("td", cell)));
    return row;
  }));
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return (unit ? count.toPrecision(3) : count) + " " + units[unit];
}

function time(seconds) {
  if (seconds < 120) return seconds + " s";
  if (seconds < 7200) return Math.round(seconds / 60) + " min";
  return (seconds / 3600).toFixed(1) + " h";
}

// Where chunks end, and the height that alarms are raised at.
function lines(id) {
  return (u) => {
    const state = plots[id].lines;
    const { ctx, bbox } = u;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.strokeStyle = colour("--soft");
    for (const x of state.borders) {
      const at = Math.round(u.valToPos(x, "x", true));
      if (at < bbox.left || at > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
    }
    if (state.level) {
      const at = Math.round(u.valToPos(state.level, "y", true));
      ctx.strokeStyle = colour("--bad");
      ctx.beginPath();
      ctx.moveTo(bbox.left, at);
      ctx.lineTo(bbox.left + bbox.width, at);
      ctx.stroke();
    }
    ctx.restore();
  };
}

function plot(id, data, series, borders, options) {
  const place = $(id);
  if (data[0].length < 2) {
    if (!plots[id]) place.textContent = options.empty;
    return;
  }
  const end = data[1][data[1].length - 1];
  place.setAttribute("aria-label", options.words + ": " + end.toPrecision(3) + " at " + options.x + " " + data[0][data[0].length - 1]);
  if (plots[id]) {
    plots[id].lines = { borders, level: options.level };
    plots[id].chart.setData(data);
    return;
  }
  place.textContent = "";
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
  plots[id] = { lines: { borders, level: options.level } };
  plots[id].chart = new uPlot({
    width: place.clientWidth, height: 200, legend: { show: true },
    scales: { x: { time: false }, y: options.range ? { range: options.range } : {} },
    axes: [axis, { ...axis, size: 58 }], series: [{ label: options.x }, ...series],
    hooks: { draw: [lines(id)] },
  }, data, place);
}

function two(id, points, borders, label, words) {
  const all = points || [];
  plot(id, [all.map((p) => p[0]), all.map((p) => p[1])], [{ label, stroke: colour("--accent"), width: 2 }], borders || [], { x: "step", words, empty: "nothing learned yet" });
}

function drift(state) {
  const all = (state.drift && state.drift.windows) || [];
  const score = all.map((w) => -Math.log10(w[1]));
  const level = state.drift && state.drift.threshold ? -Math.log10(state.drift.threshold) : 0;
  plot("drift", [all.map((w) => w[0]), score, all.map((w, i) => (w[2] ? score[i] : null))], [
    { label: "−log₁₀ p", stroke: colour("--accent"), width: 2 },
    { label: "alarm", stroke: colour("--bad"), width: 0, points: { show: true, size: 9, fill: colour("--bad") } },
  ], (state.drift && state.drift.borders) || [], {
    x: "picture", words: "drift score", level, range: (u, low, high) => [0, Math.max(high, level) * 1.08],
    empty: "not looked for yet: chunks close by drift where --close says so, and an encoder is served",
  });
}

function redraw() {
  for (const id of Object.keys(plots)) {
    plots[id].chart.destroy();
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
    button.setAttribute("aria-label", one.serving ? "Version " + one.version + " is served" : "Promote version " + one.version);
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
  const all = state.decisions || [];
  $("decisions").replaceChildren(...[...all].reverse().map((one) => {
    const item = element("li", "");
    item.append(element("strong", one.what + " " + (one.version || "")), " ");
    if (one.verdict) item.append(element("span", one.verdict + ", " + one.action, one.verdict), " ");
    item.append(element("span", one.reasons.join("; ")), " ", element("span", one.at.slice(0, 19).replace("T", " "), "soft"));
    return item;
  }));
  if (!all.length) $("decisions").replaceChildren(element("li", "none yet", "soft"));
}

function share(value) {
  return typeof value === "number" ? (100 * value).toFixed(0) + " %" : "–";
}

function vectors(state) {
  const all = state.vectors || [];
  if (!all.length) {
    const none = element("td", "of no index was anything found out since another encoder was served", "soft");
    none.colSpan = 8;
    const row = element("tr", "");
    row.append(none);
    $("vectors").replaceChildren(row);
    return;
  }
  rows($("vectors"), all.map((one) => [
    one.index, one.pictures, one.index_version ? "version " + one.index_version : "another encoder", "version " + one.version,
    typeof one.cka === "number" ? one.cka.toFixed(3) : "–", share(one.neighbours_kept), share(one.bridge_recall),
    standing(one),
  ]));
}

function standing(one) {
  if (!one.holds) return "another version is served since";
  if (one.advice === "none") return "up to date";
  const bridge = one.bridged ? "asked over a bridge" : "";
  if (one.action === "embed") return bridge ? bridge + " until embedded anew" : "to be embedded anew";
  return bridge || (one.advice === "bridge" ? "a bridge would be good" : "to be embedded anew");
}

const PHASES = { open: "open", closing: "closing", closed: "waits", learned: "learned", set_aside: "set aside" };

function chunks(state) {
  rows($("chunks"), [...(state.chunks || [])].reverse().map((one) => [one.number, one.pictures, one.rule || "", PHASES[one.phase] || one.phase]));
}

function quarantine(state) {
  const all = state.quarantined || [];
  $("quarantined").replaceChildren(...all.map((one) => {
    const item = element("li", "");
    item.append(element("strong", one.key), " ", element("span", one.reason || ""), " ", element("span", one.source, "soft"));
    return item;
  }));
  if (!all.length) $("quarantined").replaceChildren(element("li", "no picture is in quarantine", "soft"));
}

let remembered;
function memory(state) {
  const now = state.memory || { pictures: 0, names: [] };
  const key = now.changed + ":" + now.names.length;
  if (key === remembered) return;
  remembered = key;
  $("memory-words").textContent = now.fault || (now.pictures ? now.names.length + " of " + now.pictures + " remembered pictures" : "nothing is replayed yet");
  $("memory").replaceChildren(...now.names.map((name, place) => {
    const item = element("li", "");
    const picture = element("img", "");
    picture.alt = name;
    picture.title = name;
    picture.src = "memory/" + place + "?" + now.changed;
    item.append(picture);
    return item;
  }));
}

function show(state) {
  if (!state.serving) return;
  last = state;
  const now = state.now;
  list($("now"), [
    ["doing", now.doing],
    ["pictures per s", now.pictures_per_s.toFixed(1)],
    ["waiting to be learned", now.pictures_waiting + (now.chunks_waiting ? ", in " + now.chunks_waiting + (now.chunks_waiting === 1 ? " closed chunk" : " closed chunks") + " and the open one" : "")],
    ["the oldest of them waits", now.pictures_waiting ? time(now.lag_s) : "–"],
    ["spool", bytes(now.spool_bytes) + (now.spool_most_bytes ? " of " + bytes(now.spool_most_bytes) : "")],
    ["serving", state.serving.version ? "version " + state.serving.version + (state.serving.held ? ", held" : "") : "nothing yet"],
  ]);
  const counts = Object.entries(state.account).filter(([name]) => !name.startsWith("serving"));
  list($("account"), counts.length ? counts : [["pictures", "none were offered yet"]]);
  two("loss", state.loss, state.loss_borders, "loss", "loss of learning");
  const step = state.learning_rate || {};
  $("loss-words").textContent = step.lr ? "learning rate " + Number(step.lr.toPrecision(3)) + (step.part ? ", " + step.part : "") : "";
  two("health", state.health, state.health_borders, "rank", "effective rank of features");
  drift(state);
  $("rollback").disabled = !(state.serving.before || []).length;
  $("hold").textContent = state.serving.held ? "Release" : "Hold";
  encoders(state);
  decisions(state);
  vectors(state);
  chunks(state);
  quarantine(state);
  memory(state);
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
  if (answer.ok) { $("answer").textContent = ""; remembered = null; listen(); }
});
$("rollback").addEventListener("click", () => change("rollback", {}));
$("hold").addEventListener("click", () => change("hold", { held: !last.serving.held }));
let width = window.innerWidth;
window.addEventListener("resize", () => { if (window.innerWidth !== width) { width = window.innerWidth; redraw(); } });
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
listen();
