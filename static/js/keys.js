// @ts-check
/**
 * The keyboard of the switchboard. Which key is whose choice comes with the page. A letter acts at
 * once only on the call that has the focus; what asks first may also mean the one call that rings.
 */

/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
/** The texts of /words.js. @type {any} */
const { gettext } = window;
const board = /** @type {HTMLElement} */ (document.getElementById("board"));
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const sheet = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
/** Command → its key. @type {Record<string, string>} */
const keys = JSON.parse(board.dataset.keys ?? "{}");
const commands = new Map(Object.entries(keys).filter(([, key]) => key).map(([command, key]) => [key, command]));
const USUAL = ["forward", "blind"]; // what Enter and a favourite's digit mean: the one that is possible

/** @param {string} text shown for a while, and read out */
function say(text) {
  document.dispatchEvent(new CustomEvent("say", { detail: text }));
}

/** @returns {HTMLElement[]} */
function rows() {
  return [...board.querySelectorAll(".call:not(details:not([open]) .call)")].map((row) => /** @type {HTMLElement} */ (row));
}

/** The call that was chosen last, by id: it may move to another section. */
let chosen = "";
/** Whether it was hers: what she has sent away is chosen no more, or the next key would mean it. */
let own = false;
document.addEventListener("focusin", (event) => {
  const row = /** @type {Element} */ (event.target).closest(".call");
  if (row && row.id !== chosen) [chosen, own] = [row.id, isOwn(row)];
  mark();
});
document.addEventListener("htmx:after:swap", release);
dialog.addEventListener("shut", release);

/** @param {Element} row */
function isOwn(row) {
  return row.classList.contains("own");
}

function release() {
  const row = document.getElementById(chosen);
  if (!row || dialog.open) return;
  if (isOwn(row)) own = true;
  else if (own) {
    [chosen, own] = ["", false];
    if (row.contains(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
    mark();
  }
}

/** The call a dialog is about without a further word: the chosen one, else the only one of hers. */
function meant() {
  const row = document.getElementById(chosen);
  if (row) return row;
  for (const list of ["rows-ringing-mine", "rows-mine"]) {
    const mine = document.getElementById(list)?.children ?? [];
    if (mine.length) return mine.length === 1 ? mine[0] : null;
  }
  return null;
}

/** @param {Element} row @param {string} action @returns {HTMLElement | null} */
function button(row, action) {
  return row.querySelector(`[data-action=${action}]`);
}

/**
 * A button of the consultation bar, which means one consultation wherever the focus is; with two
 * of them, the one that has the focus.
 * @param {string} action @returns {HTMLElement | null}
 */
function inBar(action) {
  const bar = document.activeElement?.closest(".consultation") ?? document.getElementById("consultation");
  const found = bar?.querySelectorAll(`[data-do=${action}]`) ?? [];
  return found.length === 1 ? /** @type {HTMLElement} */ (found[0]) : null;
}

/** @param {string} action */
function act(action) {
  const here = document.activeElement?.closest(".call");
  const bar = here && button(here, action) ? null : inBar(action);
  if (bar) return bar.click();
  const row = here ?? meant();
  const found = row && button(row, action);
  if (!row) say(gettext("Choose a call first."));
  else if (!found) say(whyNot(row, [action]));
  else if (here || found.hasAttribute("hx-get")) found.click();
  else say(gettext("Choose the call first."));
}

/** @param {Element} row @param {string[]} actions the reason on the button that does not work */
function whyNot(row, actions) {
  const off = /** @type {HTMLElement | null} */ (row.querySelector(actions.map((a) => `[data-no=${a}]`).join()));
  return off?.title || gettext("Not possible with this call.");
}

/**
 * The usual transfer of a call, perhaps with its target: the dialog opens, nothing is sent.
 * @param {Element | null} row @param {Record<string, string>} more what the dialog's address says further
 */
function transfer(row, more = {}) {
  if (!row) return say(gettext("Choose a call first."));
  const found = USUAL.map((action) => button(row, action)).find(Boolean);
  if (!found) return say(whyNot(row, USUAL));
  const url = `${found.getAttribute("hx-get")}&${new URLSearchParams(more)}`;
  htmx.ajax("GET", url, { source: found, target: "#dialog", swap: "innerHTML" });
}
document.addEventListener("transfer", (event) => {
  const { row, number } = /** @type {CustomEvent} */ (event).detail;
  transfer(document.getElementById(row) ?? meant(), number ? { target: number } : {});
});

/** The dialog that calls somebody; nothing rings yet. @param {string} whom a query */
function dial(whom = "") {
  const link = /** @type {HTMLElement} */ (document.getElementById("dial"));
  if (link.getAttribute("aria-disabled")) return say(link.title);
  htmx.ajax("GET", `${link.dataset.url}?${whom}`, { source: link, target: "#dialog", swap: "innerHTML" });
}
document.addEventListener("dial", (event) => dial(/** @type {CustomEvent<string>} */ (event).detail));

/** A favourite gets the call that is meant; she is called where there is none. @param {string} digit */
function favourite(digit) {
  const busy = meant() || document.querySelector("#rows-ringing-mine > *, #rows-mine > *");
  if (busy || document.getElementById("dial")?.getAttribute("aria-disabled")) transfer(meant(), { favourite: digit });
  else dial(`favourite=${digit}`);
}

/** @param {number} step down or up from the chosen call; from nowhere to the first */
function go(step) {
  const all = rows();
  const at = all.findIndex((row) => row.id === chosen);
  all[Math.max(0, Math.min(at + step, all.length - 1))]?.focus();
}

/** To the first thing that can be done about what did not arrive; again for the next alert. */
function alerted() {
  const all = [...document.querySelectorAll("#afterwards .astray")];
  const at = all.indexOf(/** @type {Element} */ (document.activeElement?.closest(".astray")));
  const way = all[(at + 1) % all.length]?.querySelector(".acts :is(a, button):not([aria-disabled])");
  if (way) /** @type {HTMLElement} */ (way).focus();
  else say(gettext("There is no alert."));
}

/** @type {Record<string, () => void>} */
const MOVES = {
  next: () => go(1),
  previous: () => go(-1),
  search: () => document.getElementById("people-q")?.focus(),
  dial: () => dial(),
  alert: alerted,
  elsewhere: () => {
    const way = document.getElementById("forward-add");
    if (way) way.click();
    else say(gettext("You cannot send calls elsewhere here."));
  },
  menu: () => /** @type {HTMLElement | null} */ (meant()?.querySelector(".more"))?.click(),
  help: () => (sheet.open ? sheet.close() : sheet.showModal()),
};

document.addEventListener("keydown", (event) => {
  const at = /** @type {Element} */ (event.target);
  if (event.key === " " && at.matches("a[role=button]")) {
    event.preventDefault();
    /** @type {HTMLElement} */ (at).click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (early !== null) {
    typeAhead(event);
    return;
  }
  const blocked = document.querySelector("dialog[open]") && !(sheet.open && commands.get(event.key) === "help");
  if (blocked || at.matches("input, textarea, select")) return;
  const done = at.closest(".menu") && inMenu(at, event.key) || onBoard(at, event.key);
  if (done) event.preventDefault();
});

/** @param {Element} at @param {string} key @returns {boolean} whether the key meant something */
function onBoard(at, key) {
  const command = commands.get(key.toLowerCase());
  if (key === "ArrowDown") go(1);
  else if (key === "ArrowUp") go(-1);
  else if (key === "Enter" && at.matches(".call")) transfer(at);
  else if (/^[1-9]$/.test(key)) favourite(key);
  else if (command) (MOVES[command] ?? (() => act(command)))();
  else return false;
  return true;
}

/** @param {Element} at @param {string} key arrows walk through an open menu */
function inMenu(at, key) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!step) return false;
  const items = /** @type {HTMLElement[]} */ ([...(at.closest(".menu")?.querySelectorAll("a, button") ?? [])]);
  items.at((items.indexOf(/** @type {HTMLElement} */ (at)) + step) % items.length)?.focus();
  return true;
}
document.getElementById("show-keys")?.addEventListener("click", MOVES.help);
board.addEventListener("toggle", (event) => {
  const menu = /** @type {Element} */ (event.target);
  if (menu.matches(".menu:popover-open")) /** @type {HTMLElement | null} */ (menu.querySelector("a, button"))?.focus();
}, true);

// Fast hands: what is typed while a dialog is on its way goes into its field, and is no command.

/** @type {string | null} what was typed so far; null when no dialog is awaited */
let early = null;
/** @type {Element | null} whose dialog that is */
let opener = null;
document.addEventListener("htmx:before:request", (event) => {
  const ctx = /** @type {CustomEvent} */ (event).detail.ctx;
  if (ctx.target !== dialog || ctx.request.method !== "GET") return;
  [early, opener] = ["", ctx.sourceElement];
});
document.addEventListener("htmx:finally:request", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.ctx.target !== dialog) return;
  const field = /** @type {HTMLInputElement | null} */ (dialog.querySelector("[role=combobox]"));
  if (early && field && dialog.open) {
    field.value += early;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  early = null;
});

/** @param {KeyboardEvent} event Enter waits until the question can be read */
function typeAhead(event) {
  if (event.key === "Tab") return;
  event.preventDefault();
  if (event.key === "Escape") htmx.trigger(opener, "htmx:abort");
  if (event.key.length === 1) early += event.key;
  else if (event.key === "Backspace") early = (early ?? "").slice(0, -1);
}

// Marks that need no change of a row: rules in a style sheet of this page alone.

const signs = new CSSStyleSheet();
const choice = new CSSStyleSheet();
document.adoptedStyleSheets.push(signs, choice);

/** The key of each action on its button. */
function sign() {
  for (const [command, key] of Object.entries(keys)) {
    if (key) signs.insertRule(`.call [data-action=${command}]::after { content: ${JSON.stringify(key.toUpperCase())}; }`);
  }
}

/** The chosen call stays marked while the focus is in the list of people or in a dialog. */
function mark() {
  const rule = chosen ? `#${chosen} { box-shadow: inset 0 0 0 2px var(--accent); }` : "";
  choice.replaceSync(rule);
  tell();
}

let told = "";
/** Others want to know which call is meant when it becomes another one. */
function tell() {
  const id = meant()?.id ?? "";
  if (id !== told) document.dispatchEvent(new CustomEvent("meant", { detail: id }));
  told = id;
}

document.addEventListener("htmx:after:swap", tell);
sign();
tell();
