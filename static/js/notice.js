// @ts-check
/**
 * Tells somebody who looks elsewhere that a call rings for her: the title, the icon, and if she
 * wishes a quiet sound and a notification. All of it ends when the call stops ringing, and when
 * nobody can say any more whether it does.
 */

/** The texts of /words.js. @type {any} */
const { gettext, interpolate } = window;
const board = /** @type {HTMLElement} */ (document.getElementById("board"));
const contact = /** @type {HTMLElement} */ (document.getElementById("contact"));
const icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
const sound = /** @type {HTMLAudioElement | null} */ (document.getElementById("ring"));
const mute = document.getElementById("mute"); // says that the browser refuses to sound
const usual = { title: document.title, icon: icon.href };
const PAUSE = 2500; // ms between two sounds
const VOLUME = 0.5;
/** Row id → its notification. @type {Map<string, Notification>} */
const notes = new Map();
let rings = 0; // calls that ring for her
let next = 0; // the timer of the next sound
/** @type {AbortController | null} this tab's turn to sound, or its place in the queue for it */
let turn = null;
let release = () => {}; // gives the turn to the next tab

/** @param {number} count */
function badge(count) {
  document.title = count ? `(${count}) ${usual.title}` : usual.title;
  icon.href = count ? drawn(count) : usual.icon;
}

/** @param {number} count the icon with a number on it */
function drawn(count) {
  const text = count > 9 ? "9+" : count;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#b25a00"/><text x="16" y="23" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="20" fill="#fff">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

// One tab sounds; the others of the same browser wait for their turn.

function start() {
  if (!sound || turn) return;
  turn = new AbortController();
  if (!navigator.locks) play(); // they are only where the page came by https or from this machine
  else navigator.locks.request("pbxadmin-ring", { signal: turn.signal }, soundUntilStopped).catch(() => {});
}

function soundUntilStopped() {
  play();
  return new Promise((done) => { release = () => done(undefined); });
}

function play() {
  if (!sound || !rings || !contact.hidden) return stop();
  attempt(VOLUME);
  next = window.setTimeout(play, PAUSE);
}

/** Browsers are silent until the page had a click or a key: then she is told. @param {number} volume */
async function attempt(volume) {
  if (!sound || !mute) return;
  sound.volume = volume;
  try {
    await sound.play();
    mute.hidden = true;
  } catch (refusal) {
    if (/** @type {Error} */ (refusal).name === "NotAllowedError") mute.hidden = false;
  }
}

/** Whether it may sound, tried without a sound before anything rings. */
async function rehearse() {
  await attempt(0);
  if (!rings) sound?.pause();
}
for (const moment of ["pointerup", "keyup"]) {
  document.addEventListener(moment, () => { if (mute && navigator.userActivation?.hasBeenActive) mute.hidden = true; });
}

function stop() {
  clearTimeout(next);
  sound?.pause();
  if (sound) sound.currentTime = 0;
  turn?.abort();
  release();
  turn = null;
}

/** @param {Element[]} rows */
function notify(rows) {
  for (const [id, note] of notes) {
    if (rows.some((row) => row.id === id)) continue;
    note.close();
    notes.delete(id);
  }
  if (!("desktop" in board.dataset) || !("Notification" in window) || Notification.permission !== "granted") return;
  for (const row of rows) {
    if (!notes.has(row.id) && !document.hasFocus()) notes.set(row.id, notification(row));
  }
}

/** @param {Element} row */
function notification(row) {
  const [from, to] = [...row.querySelectorAll(".who b")].map((name) => name.textContent);
  const where = row.querySelector(".pbx")?.textContent ?? "";
  const title = interpolate(gettext("%(caller)s rings"), { caller: from }, true);
  const body = interpolate(gettext("for %(callee)s · %(pbx)s"), { callee: to, pbx: where }, true);
  const note = new Notification(title, { body, tag: row.id, icon: usual.icon, silent: true });
  note.addEventListener("click", () => {
    window.focus();
    document.getElementById(row.id)?.focus();
  });
  return note;
}

document.addEventListener("ringing", (event) => {
  const rows = /** @type {CustomEvent<Element[]>} */ (event).detail;
  rings = rows.length;
  badge(rings);
  notify(rows);
  if (rings) start();
  else stop();
});
document.addEventListener("contact", () => {
  if (contact.hidden && rings) start();
  else if (!contact.hidden) {
    stop();
    notify([]);
  }
});
for (const away of ["blur", "visibilitychange"]) { // it has rung before her eyes so far
  addEventListener(away, () => contact.hidden && notify([...(document.getElementById("rows-ringing-mine")?.children ?? [])]));
}
addEventListener("pagehide", () => {
  stop();
  notify([]);
});
rehearse();
