// @ts-check
/**
 * Keeps the switchboard true. A stream brings what changed; where none gets through, the page
 * notices and asks once a second instead. Counts the ages and the running times.
 */

/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
/** The texts of /words.js, and the time of clock.js. @type {any} */
const { gettext, interpolate, server } = window;
const board = /** @type {HTMLElement} */ (document.getElementById("board"));
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const contact = /** @type {HTMLElement} */ (document.getElementById("contact"));
const EVERY = 1000; // ms between two questions
const STREAM_SILENT = 3000; // ms without a word from the stream before the page asks by itself
const SILENT = 5000; // ms without any answer before the page says so
/** When each PBX was last read, on this page's own clock. @type {Map<string, number>} */
const readAt = new Map();
let answeredAt = performance.now();
let streamedAt = performance.now();
let lookedAt = Date.now(); // when the page counted last: a gap is a nap of the whole machine
const NAP = 10_000; // ms
/** @type {object | null} the question whose answer ends the waking: one asked since then */
let asked = null;
let polled = false; // the newest state came by a question, not by the stream
let missed = 0; // questions asked for want of a stream

function refresh() {
  if (!isWaking() && performance.now() - streamedAt < STREAM_SILENT) return;
  htmx.trigger(board, "refresh");
  if (++missed % 10 === 0) connect();
}

/**
 * Opens the stream; called again when it never opened, which htmx does not try again by itself.
 * Done from here and not by an attribute of the page: htmx may look at the page before its
 * extension is there.
 */
function connect() {
  const old = /** @type {HTMLElement} */ (document.getElementById("stream"));
  const fresh = /** @type {HTMLElement} */ (old.cloneNode());
  const seen = /** @type {HTMLInputElement} */ (document.getElementById("seen")).value;
  fresh.setAttribute("hx-sse:connect", `${fresh.dataset.url}?seen=${seen}`);
  end(old);
  old.replaceWith(fresh);
  htmx.process(fresh);
}

/**
 * A stream that is merely not read any more stays open, and a browser opens six connections to one
 * server: then nothing of the page would work. @param {HTMLElement} stream
 */
function end(stream) {
  htmx.trigger(stream, "htmx:abort"); // while it waits for its answer
  stream.removeAttribute("hx-sse:connect");
  htmx.process(stream, true);
}

/** @param {Record<string, number | null>} message the server's time, and seconds since each PBX was read */
function learn({ now, ...ages }) {
  server.set(Number(now) * 1000);
  answeredAt = performance.now();
  for (const [connection, age] of Object.entries(ages)) {
    if (age === null) readAt.delete(connection);
    else readAt.set(connection, answeredAt - age * 1000);
  }
  tell();
}

/**
 * After sleep, Back or a hidden tab: what is shown may be old, so nothing can be done with it until
 * the calls were read anew.
 */
function wake() {
  if (document.hidden) return;
  document.documentElement.dataset.waking = "";
  asked = null;
  htmx.trigger(board, "htmx:abort"); // a question from before the nap
  refresh();
}

const isWaking = () => "waking" in document.documentElement.dataset;

/** Ages and running times. Only text that changed is touched. */
function tell() {
  const now = performance.now();
  if (Date.now() - lookedAt > NAP) wake();
  lookedAt = Date.now();
  if (contact.hidden !== (now - answeredAt < SILENT)) {
    contact.hidden = !contact.hidden;
    document.dispatchEvent(new Event("contact"));
  }
  for (const badge of document.getElementById("badges")?.querySelectorAll(".badge") ?? []) {
    const read = readAt.get(/** @type {HTMLElement} */ (badge).dataset.connection ?? "");
    const age = badge.querySelector(".age");
    if (age) write(age, read === undefined ? "" : seconds((now - read) / 1000));
    badge.classList.toggle("silent", !contact.hidden);
  }
  const tick = Math.floor(server.now() / 1000);
  if (tick !== second) count();
  second = tick;
}

/** All running times of the page, without looking for them each time. */
const times = /** @type {HTMLCollectionOf<HTMLTimeElement>} */ (document.getElementsByTagName("time"));
/** Date as written → as a number. @type {Map<string, number>} */
const moments = new Map();
let second = 0; // the one that was counted last: they all tick together

/** @param {Iterable<HTMLTimeElement>} which */
function count(which = times) {
  const now = server.now();
  if (which === times && moments.size > 2 * times.length + 100) moments.clear();
  for (const time of which) {
    const text = time.dateTime;
    if (!text) continue;
    let start = moments.get(text);
    if (start === undefined) moments.set(text, (start = Date.parse(text)));
    write(time, clock(Math.max(0, Math.floor((now - start) / 1000))));
  }
}

/** @param {Element} element with a text at the most @param {string} text */
function write(element, text) {
  const node = element.firstChild;
  if (!(node instanceof Text)) element.textContent = text;
  else if (node.data !== text) node.data = text;
}

const tenths = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const secondsPattern = gettext("%(seconds)s s");

/** @param {number} age in seconds */
function seconds(age) {
  const number = age < 10 ? tenths.format(Math.max(0, age)) : String(Math.round(age));
  return interpolate(secondsPattern, { seconds: number }, true);
}

/** @param {number} s */
function clock(s) {
  const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return h ? `${h}:${pad(m)}:${pad(s % 60)}` : `${m}:${pad(s % 60)}`;
}

/** The open dialog is about a call: say so at once when that call changes or goes. */
function compareDialog() {
  const form = /** @type {HTMLElement | null} */ (dialog.querySelector("form[data-call]"));
  const note = /** @type {HTMLElement | null} */ (form?.querySelector("[data-changed]") ?? null);
  if (!dialog.open || !form || !note || form.matches(".htmx-request")) return; // she herself is on it
  const row = document.getElementById(form.dataset.call ?? "");
  let text = "";
  if (!row) text = gettext("This call has ended or was moved meanwhile.");
  else if (row.dataset.state !== form.dataset.state) text = interpolate(gettext("This call has changed: %(state)s."), { state: row.querySelector(".state")?.textContent?.trim() ?? "" }, true);
  else if (row.dataset.parties !== form.dataset.parties) text = gettext("Somebody else is in this call now.");
  else if (row.querySelector(".claim")) text = row.querySelector(".claim")?.textContent ?? "";
  note.hidden = !text;
  if (note.textContent !== text) note.textContent = text;
}

document.addEventListener("ages", (event) => {
  const { data, ...ages } = /** @type {CustomEvent} */ (event).detail;
  if (data) streamedAt = performance.now();
  if (data && polled) connect(); // the stream's next difference must start from what is shown now
  polled = !data;
  learn(data ? JSON.parse(data) : (delete ages.elt, ages));
});
document.addEventListener("htmx:after:swap", settle);
document.addEventListener("bye", () => location.reload());
document.addEventListener("visibilitychange", wake);
addEventListener("online", wake);
addEventListener("pageshow", (event) => event.persisted && wake());
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (!isWaking()) return;
  if (ctx.sourceElement === board) asked = ctx;
  else if (ctx.target === dialog) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("say", { detail: gettext("The calls are being read anew. One moment.") }));
  }
});
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx === asked && ctx.response?.status < 400) delete document.documentElement.dataset.waking;
});
document.addEventListener("htmx:response:error", (event) => {
  const ctx = /** @type {CustomEvent} */ (event).detail.ctx;
  if (ctx.sourceElement === board && ctx.response.status === 403) location.reload();
});

/**
 * After every change: counts, times, the focus of a row that moved, and the open dialog. Rows that
 * did not change are not looked into: a look through the whole page takes some milliseconds.
 */
function settle() {
  for (const section of board.querySelector(".calls")?.children ?? []) {
    const [sum, rows] = [section.querySelector("h2 > [data-count]"), section.querySelector("ul")?.children ?? []];
    if (sum) write(sum, String(rows.length));
    for (const row of rows) {
      if (row.hasAttribute("data-runs")) continue; // the server sends none
      row.setAttribute("data-runs", "");
      count(row.getElementsByTagName("time"));
    }
  }
  for (const id of ["consultation", "afterwards"]) {
    count(document.getElementById(id)?.getElementsByTagName("time") ?? []);
  }
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  tell();
  compareDialog();
}

/** The row that has the focus, by id: it may move to another section. */
let focused = "";
document.addEventListener("focusin", (event) => {
  focused = /** @type {Element} */ (event.target).closest(".call")?.id ?? "";
});

connect();
setInterval(refresh, EVERY);
setInterval(tell, 200);
