// @ts-check
/**
 * The people beside the calls: found as one types, chosen with arrows and Enter, by a click, or by
 * a call that is dragged there. Whoever is chosen, the usual dialog asks before anything is sent.
 * Where she has no call, or on request, the person is called instead.
 */

/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
/** The texts of /words.js. @type {any} */
const { gettext, interpolate } = window;
const root = document.documentElement;
const board = /** @type {HTMLElement} */ (document.getElementById("board"));
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const search = /** @type {HTMLInputElement} */ (document.getElementById("people-q"));
const hint = /** @type {HTMLElement} */ (document.getElementById("people-for"));
const RENEW = 5000; // ms between two looks at who is free, at the least, and only after a change
const finder = /** @type {HTMLElement} */ (search.closest(".finder"));
const dials = finder.hasAttribute("data-dials"); // a phone of hers can call from here
let row = ""; // the call that a person would get, by id
let looked = performance.now();
let next = 0; // the timer of a look for which it was too early

const list = () => /** @type {HTMLElement} */ (document.getElementById("people"));

/** @param {Element | null} call its connection, which is in its id: call-<connection>-… */
function connectionOf(call) {
  return call?.id.split("-")[1] ?? "";
}

/** Ask anew for the people that this call can be sent to. */
function renew() {
  const call = document.getElementById(row);
  const link = call?.querySelector("[data-action][hx-get]")?.getAttribute("hx-get") ?? "";
  const id = new URLSearchParams(link.split("?")[1]).get("call") ?? "";
  /** @type {HTMLInputElement} */ (document.getElementById("people-pbx")).value = connectionOf(call);
  /** @type {HTMLInputElement} */ (document.getElementById("people-call")).value = id;
  clearTimeout(next);
  looked = performance.now();
  htmx.trigger(search, "renew");
}

/** Something changed, so perhaps who is free. */
function look() {
  if (document.hidden) return;
  clearTimeout(next);
  next = window.setTimeout(renew, looked + RENEW - performance.now());
}
document.addEventListener("visibilitychange", look);

/** Whether a person who is chosen is called: with calls of hers, it is one of them that is sent. */
function calls() {
  return dials && !row && !document.querySelector("#rows-ringing-mine > *, #rows-mine > *");
}

function explain() {
  const name = document.getElementById(row)?.querySelector(".who b")?.textContent;
  let text = calls() ? gettext("Calls from your phone; asks first.") : "";
  if (name) text = interpolate(gettext("Sends %(name)s; a dialog asks first."), { name }, true);
  if (hint.textContent !== text) hint.textContent = text;
}
explain();

document.addEventListener("meant", (event) => {
  const before = connectionOf(document.getElementById(row)) || list().dataset.connection;
  row = /** @type {CustomEvent<string>} */ (event).detail;
  const call = document.getElementById(row);
  explain();
  if (connectionOf(call) !== before) renew();
});
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  explain();
  if (ctx.sourceElement === search) first();
  else look();
});

// Choosing.

/** @returns {HTMLElement[]} those the call can be sent to, or those who can be called */
function options() {
  const wanted = row || !dials ? "[role=option][data-number]" : "[role=option][data-whom]";
  return [...list().querySelectorAll(wanted)].map((one) => /** @type {HTMLElement} */ (one));
}

/** Enter was pressed for this name before its list was there. @type {{name: string, rather: boolean} | null} */
let hasty = null;
let picked = ""; // whom she went to with the arrows: it, or nobody, is marked when the list comes anew

/** @param {HTMLElement | undefined} option */
function highlight(option) {
  for (const one of list().querySelectorAll("[role=option]")) one.setAttribute("aria-selected", String(one === option));
  if (option) search.setAttribute("aria-activedescendant", option.id);
  else search.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

/** Whether there is a name, and the list is its own: not that of what was typed before. */
const isNamed = () => document.activeElement === search && /\p{L}/u.test(search.value);
const isAnswered = () => list().dataset.query === search.value;

/** What was typed proposes its best match; a number stands for itself. What she chose stays chosen. */
function first() {
  const best = isNamed() && isAnswered() ? options()[0] : undefined;
  highlight(picked ? options().find((option) => option.dataset.whom === picked) : best);
  if (best && hasty?.name === search.value) enter(best, hasty.rather);
  if (isAnswered()) hasty = null;
}
search.addEventListener("input", () => {
  [picked, hasty] = ["", null];
  highlight(undefined);
});

/** @param {string} number @param {string} call */
function send(number, call = row) {
  document.dispatchEvent(new CustomEvent("transfer", { detail: { number, row: call } }));
}

/** The dialog that calls somebody opens; nothing rings yet. @param {string} whom a query */
function call(whom) {
  document.dispatchEvent(new CustomEvent("dial", { detail: whom }));
}

search.addEventListener("keydown", (event) => {
  const all = options();
  const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") pick(all[Math.min(now + 1, all.length - 1)]);
  else if (event.key === "ArrowUp") pick(all[now - 1]);
  else if (event.key === "Enter") enter(all[now], event.shiftKey);
  else if (event.key === "Escape") leave();
  else return;
  event.preventDefault();
});

/** @param {HTMLElement | undefined} option */
function pick(option) {
  picked = option?.dataset.whom ?? "";
  highlight(option);
}

/**
 * @param {HTMLElement | undefined} option without one, a number that was typed stands for itself
 * @param {boolean} rather she is called, though a call could be sent there
 */
function enter(option, rather) {
  const text = search.value.trim();
  const number = /\d/.test(text) && !/\p{L}/u.test(text);
  if (!option && isNamed() && !isAnswered()) hasty = { name: search.value, rather };
  else if (calls() || (dials && rather)) {
    if (option || number) call(option?.dataset.whom ?? `number=${encodeURIComponent(text)}`);
  } else if (option) send(option.dataset.number ?? "");
  else if (number) send(text);
}

/** Back to the calls, and to everybody. */
function leave() {
  pick(undefined);
  if (search.value) {
    search.value = "";
    renew();
  }
  (document.getElementById(row) ?? document.getElementById("main"))?.focus();
}
dialog.addEventListener("shut", () => {
  pick(undefined);
  if (!search.value) return;
  search.value = "";
  renew();
});

document.addEventListener("click", (event) => {
  const at = /** @type {Element} */ (event.target);
  const option = /** @type {HTMLElement | null} */ (at.closest("#people [role=option]"));
  if (option?.dataset.whom && (calls() || (dials && at.closest("[data-calls]")))) call(option.dataset.whom);
  else if (option?.dataset.number) send(option.dataset.number);
  else if (option && option.getAttribute("aria-disabled") !== "true") send("");
});

// Dragging a call onto a person: an extra for those who like the mouse.

let dragged = "";
board.addEventListener("pointerdown", (event) => {
  const at = /** @type {Element} */ (event.target);
  const call = /** @type {HTMLElement | null} */ (at.closest(".call"));
  if (call) call.draggable = !at.closest("a, button, .menu") && Boolean(call.querySelector("[data-action=blind], [data-action=forward]"));
});
board.addEventListener("dragstart", (event) => {
  const call = /** @type {HTMLElement} */ (event.target);
  if (!call.matches?.(".call")) return;
  dragged = call.id;
  event.dataTransfer?.setData("text/plain", call.getAttribute("aria-label") ?? "");
  root.dataset.dragging = "";
  call.focus();
});
document.addEventListener("dragover", (event) => {
  const option = valid(event);
  for (const one of list().querySelectorAll(".over")) if (one !== option) one.classList.remove("over");
  if (!option) return;
  option.classList.add("over");
  event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const option = valid(event);
  if (!option) return;
  event.preventDefault();
  send(option.dataset.number ?? "", dragged);
});
document.addEventListener("dragend", () => {
  dragged = "";
  delete root.dataset.dragging;
  for (const one of list().querySelectorAll(".over")) one.classList.remove("over");
});

/** @param {DragEvent} event @returns {HTMLElement | null} the person under the mouse who can get the call */
function valid(event) {
  const option = /** @type {Element} */ (event.target).closest?.("#people [data-number]");
  const same = list().dataset.connection === connectionOf(document.getElementById(dragged));
  return dragged && option && same ? /** @type {HTMLElement} */ (option) : null;
}
