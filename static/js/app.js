// @ts-check
/** The dialog, what is said aloud, and the keyboard. Works on every page; needs htmx. */

/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
/** The texts of /words.js. @type {any} */
const { gettext } = window;
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
let silence = 0;
/** @type {string} the row or button that the dialog was opened from, to give the focus back */
let origin = "";

/** @param {string} text what is shown for a while and read out */
function say(text) {
  said.textContent = text;
  aloud(text);
  clearTimeout(silence);
  silence = setTimeout(() => { said.textContent = ""; }, 8000);
}
document.addEventListener("say", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  say(detail.value ?? detail); // from the server, or from a script
});

/** @param {string} text read out also while a dialog is open: everything around it is silent then */
function aloud(text) {
  const place = dialog.querySelector("[data-aloud]");
  if (dialog.open && place) place.textContent = text;
}
document.addEventListener("aloud", (event) => aloud(/** @type {CustomEvent} */ (event).detail));

function closeDialog() {
  if (dialog.open) dialog.close();
  tidy();
}

/**
 * Everybody hears "shut" before the next key is read. The browser's own "close" comes later: a key
 * typed meanwhile would mean what had the focus before.
 */
function tidy() {
  if (dialog.open || !inside) return;
  inside = null;
  dialog.replaceChildren();
  (document.getElementById(origin) ?? main).focus();
  dialog.dispatchEvent(new Event("shut"));
}
dialog.addEventListener("close", tidy);
dialog.addEventListener("cancel", (event) => { // Esc
  event.preventDefault();
  closeDialog();
});

/** What had the focus last. When it is taken away, what took its place has it, else the content. */
let focused = main;
document.addEventListener("focusin", (event) => { focused = /** @type {HTMLElement} */ (event.target); });
document.addEventListener("htmx:after:swap", () => {
  if (focused.isConnected || document.activeElement !== document.body) return;
  document.getElementById(focused.id)?.focus({ preventScroll: true });
  if (document.activeElement === document.body) main.focus({ preventScroll: true }); // it is folded away
});
dialog.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target === dialog || target.closest("[data-close]")) {
    event.preventDefault();
    closeDialog();
  }
});

// What htmx puts into the dialog opens it; an answer without content (204) closes it.
document.addEventListener("htmx:before:request", (event) => {
  const element = /** @type {Element} */ (event.target);
  const row = element.closest?.(".call, [data-origin]");
  if (row) origin = row.id;
});
/** @type {Element | null} what the dialog shows */
let inside = null;
document.addEventListener("htmx:after:swap", () => {
  const isNew = dialog.firstElementChild !== inside;
  inside = dialog.firstElementChild;
  if (inside && isNew && !dialog.open) {
    dialog.showModal();
    const first = /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus]"));
    first?.focus();
  }
  chooseFirst();
});
document.addEventListener("acted", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  /** @type {HTMLElement | null} */ (document.querySelector(".menu:popover-open"))?.hidePopover();
  if (detail.state !== "refused" && detail.state !== "failed") closeDialog();
  say(detail.said);
  if (detail.focus) document.getElementById(detail.focus)?.focus();
});
document.addEventListener("htmx:error", (event) => {
  const { request, sourceElement } = /** @type {CustomEvent} */ (event).detail.ctx ?? {};
  if (request?.method === "POST" && sourceElement.closest(".call, .way, .forwards, dialog")) say(gettext("No contact with the server. Nothing is known about this command; look at the log."));
});

// One wish, one key: two clicks in a row on the same button are the same command.

/** The newest wish for each call. @type {Map<string, {action: string, key: string, until: number}>} */
const wishes = new Map();
const DOUBLE_CLICK = 1500; // ms
document.addEventListener("htmx:config:request", (event) => {
  const { request, sourceElement } = /** @type {CustomEvent} */ (event).detail.ctx;
  if (request.method !== "POST" || !sourceElement.closest(".call, .way")) return;
  const [call, action, now] = [request.body.get("call"), request.action, performance.now()];
  const last = wishes.get(call);
  const again = last && last.action === action && last.until > now;
  const wish = again ? last : { action, key: newKey(), until: now + DOUBLE_CLICK };
  wishes.set(call, wish);
  request.body.set("key", wish.key);
});

/** A random UUID; randomUUID() is missing where the page came over plain http from elsewhere. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Lists of people and numbers: arrows choose, Enter takes, a second Enter sends. A dialog may have
// two; a list in .suggest lies over what follows, so it opens on the first key and closes again.

/** @returns {HTMLInputElement | null} the field somebody is in, else the first one */
function combobox() {
  const all = [...dialog.querySelectorAll("[role=combobox]")];
  return /** @type {HTMLInputElement | null} */ (all.find((one) => one === document.activeElement) ?? all[0] ?? null);
}

/** @returns {HTMLElement | null} */
function listed() {
  return document.getElementById(combobox()?.getAttribute("aria-controls") ?? "");
}

/** @returns {HTMLElement[]} */
function options() {
  const list = listed();
  return [...(list?.querySelectorAll("[role=option]:not([aria-disabled])") ?? [])].map((o) => /** @type {HTMLElement} */ (o));
}

/** @param {HTMLElement | undefined} option */
function highlight(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  const input = combobox();
  if (option) input?.setAttribute("aria-activedescendant", option.id);
  else input?.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

/** @param {HTMLInputElement} input @param {boolean} open */
function unfold(input, open) {
  if (input.closest(".suggest")) input.setAttribute("aria-expanded", String(open));
}

/** The name for which Enter was pressed before its list was there. */
let hasty = "";

/** Whether the list is still that of what was typed before: then nobody in it is meant. */
function isEarly() {
  const input = combobox();
  return Boolean(input && /\p{L}/u.test(input.value) && listed()?.dataset.query !== input.value);
}

/** A name that was typed needs a choice: the first match is proposed. A number stands for itself. */
function chooseFirst() {
  const input = combobox();
  if (!input || isEarly()) return;
  if (hasty && hasty === input.value && options().length) take(options()[0]);
  hasty = "";
  if (options().some((option) => option.getAttribute("aria-selected") === "true")) return;
  const exact = options().find((option) => option.dataset.number === input.value);
  const isName = /\p{L}/u.test(input.value);
  highlight(isName && !exact ? options()[0] : undefined);
  describe(exact ? wordsOf(exact) : input.value);
}

/** @param {HTMLElement} option */
function wordsOf(option) {
  return `${option.dataset.number} ${option.dataset.name}`;
}

/** @param {string} words whom the sentence in the dialog names */
function describe(words) {
  for (const place of dialog.querySelectorAll("[data-target-words]")) place.textContent = words.trim() || "…";
}

/** @param {HTMLElement} option */
function take(option) {
  const input = combobox();
  if (!input) return;
  input.value = option.dataset.number ?? "";
  describe(wordsOf(option));
  aloud(dialog.querySelector("p.plan")?.textContent ?? wordsOf(option));
  highlight(undefined);
  input.focus();
  unfold(input, false);
}

dialog.addEventListener("input", (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (input.getAttribute("role") === "combobox") {
    highlight(undefined);
    describe(input.value);
    unfold(input, true);
  }
  const radio = document.getElementById(input.dataset.checks ?? "");
  if (radio) /** @type {HTMLInputElement} */ (radio).checked = true;
});
dialog.addEventListener("mousedown", (event) => {
  const option = /** @type {Element} */ (event.target).closest("[role=option]:not([aria-disabled])");
  if (!option) return;
  event.preventDefault();
  take(/** @type {HTMLElement} */ (option));
});
dialog.addEventListener("keydown", (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (input.getAttribute("role") !== "combobox") return;
  const all = options();
  const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") {
    unfold(input, true);
    highlight(all[Math.min(now + 1, all.length - 1)]);
  } else if (event.key === "ArrowUp") highlight(all[now - 1]);
  else if (event.key === "Enter" && now >= 0) take(all[now]);
  else if (event.key === "Enter" && isEarly() && input.value !== input.defaultValue) hasty = input.value;
  else return;
  event.preventDefault();
});
