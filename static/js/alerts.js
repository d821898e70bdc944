// @ts-check
/** What has rung or been held for too long stands out; arrivals, losses and verdicts are read out politely. */

/** The texts of /words.js, and the time of clock.js. @type {any} */
const { gettext, ngettext, interpolate, server } = window;
const board = /** @type {HTMLElement} */ (document.getElementById("board"));
const news = /** @type {HTMLElement} */ (document.getElementById("news"));
const EVERY = 1000; // ms
const OLD = 10_000; // ms after which news are none, for who reads through the page
/** State → what is too long, in seconds (0: nothing is), and the sentence for it. */
const LIMITS = /** @type {Record<string, {after: number, words: string}>} */ ({
  ringing: { after: Number(board.dataset.ringAfter), words: gettext("%(name)s still rings.") },
  held: { after: Number(board.dataset.holdAfter), words: gettext("%(name)s is still on hold.") },
});
/** Ids of the rows that ring for this person. @type {Set<string>} */
let ringing = new Set();
/** Ids of the rows that stand out, so that each is said once. @type {Set<string>} */
let late = new Set();
/** Names of the PBXs that cannot be read. @type {Set<string>} */
let lost = new Set();

/** @param {string} selector in the list of PBXs */
function badges(selector) {
  return document.getElementById("badges")?.querySelectorAll(selector) ?? [];
}

let forgetting = 0;
/** @param {string[]} sentences */
function tell(sentences) {
  const text = sentences.join(" ");
  if (!text.trim()) return;
  news.textContent = text;
  document.dispatchEvent(new CustomEvent("aloud", { detail: text }));
  clearTimeout(forgetting);
  forgetting = setTimeout(() => { news.textContent = ""; }, OLD);
}

/** @param {Element} row who calls */
function caller(row) {
  return row.querySelector(".who b")?.textContent ?? "";
}

/** @template T @param {Set<T>} now @param {Set<T>} before */
function added(now, before) {
  return [...now].filter((one) => !before.has(one));
}

/** Marks what has waited too long. @returns {string[]} */
function mark() {
  const found = new Set();
  for (const row of waiting()) {
    const isLate = waits(row);
    if (row.classList.contains("late") !== isLate) row.classList.toggle("late", isLate);
    if (isLate) found.add(row.id);
  }
  const sentences = added(found, late).map(sentence);
  late = found;
  return sentences;
}

/** The rows in a state with a limit, but for those that were set aside. */
function* waiting() {
  for (const section of board.querySelector(".calls")?.children ?? []) {
    const list = section.querySelector("ul");
    if (!list || list.closest("details")) continue;
    for (const row of /** @type {Iterable<HTMLElement>} */ (list.children)) {
      if ((row.getAttribute("data-state") ?? "") in LIMITS) yield row;
    }
  }
}

/** @param {HTMLElement} row whether it is over the limit of its state */
function waits(row) {
  const after = LIMITS[row.dataset.state ?? ""]?.after;
  const since = row.querySelector("time")?.dateTime;
  return Boolean(after && since) && server.now() - Date.parse(since ?? "") >= after * 1000;
}

/** @param {string} id only her own calls are worth a word */
function sentence(id) {
  const row = document.getElementById(id);
  if (!row?.classList.contains("own")) return "";
  return interpolate(LIMITS[row.dataset.state ?? ""].words, { name: caller(row) }, true);
}

/** @param {string[]} names of who rings for her since now; too many do not fit into a sentence */
function arrivals(names) {
  const [count, all] = [names.length, names.join(", ")];
  if (count > 3) return interpolate(ngettext("%(count)s call rings for you.", "%(count)s calls ring for you.", count), { count }, true);
  return interpolate(ngettext("%(names)s rings for you.", "%(names)s rings for you.", count), { names: all }, true);
}

/** Who rings for her now, and which PBX was lost or came back. @returns {string[]} */
function announce() {
  const rows = [...(document.getElementById("rows-ringing-mine")?.children ?? [])];
  const now = new Set(rows.map((row) => row.id));
  const names = added(now, ringing).map((id) => caller(/** @type {Element} */ (document.getElementById(id))));
  const away = new Set([...badges(".badge.lost b")].map((name) => name.textContent));
  const sentences = [
    ...(names.length ? [arrivals(names)] : []),
    ...added(away, lost).map((name) => interpolate(gettext("%(name)s cannot be read any more."), { name }, true)),
    ...added(lost, away).map((name) => interpolate(gettext("%(name)s can be read again."), { name }, true)),
  ];
  if (added(now, ringing).length || added(ringing, now).length) {
    document.dispatchEvent(new CustomEvent("ringing", { detail: rows }));
  }
  [ringing, lost] = [now, away];
  return sentences;
}

/** Receipt → its verdict, "" until it has one; null before the first look. @type {Map<string, string> | null} */
let verdicts = null;

/** What became of her commands since; of what did not arrive there is an alert. @returns {string[]} */
function outcomes() {
  const rows = [...document.querySelectorAll("#receipts li")];
  const before = verdicts;
  const now = (verdicts = new Map(rows.map((row) => [row.id, row.matches("[data-settled]:not(:has(.v.no))") ? written(row, ".v") : ""])));
  if (!before) return [];
  return rows
    .filter((row) => now.get(row.id) && now.get(row.id) !== before.get(row.id))
    .map((row) => `${written(row, ".line small")}. ${now.get(row.id)}: ${[...row.querySelectorAll("b")].map((name) => name.textContent).join(", ")}.`);
}

/** @param {Element} row @param {string} selector @returns {string} without the sign */
function written(row, selector) {
  return row.querySelector(selector)?.lastChild?.textContent?.trim() ?? "";
}

/** PBX → how true its calls are; their rows step back when they are not live. */
let truth = "";
const doubts = new CSSStyleSheet();
const words = new CSSStyleSheet(); // what style sheets write into the page
document.adoptedStyleSheets.push(doubts, words);
words.replaceSync(`:root {
  --too-long: ${JSON.stringify(`⚠ ${gettext("too long")}`)};
  --not-live: ${JSON.stringify(`■ ${gettext("not live")}`)};
  --old: ${JSON.stringify(`○ ${gettext("old")}`)};
}`);

function doubt() {
  const now = [...badges(".badge:is(.stale, .lost)")]
    .map((badge) => {
      const theirs = `.call[id^="call-${/** @type {HTMLElement} */ (badge).dataset.connection}-"]`;
      const mark = badge.matches(".lost") ? "--not-live" : "--old";
      return `${theirs} .pbx { --doubt: var(${mark}); } ${theirs} .to small { white-space: normal; }`;
    })
    .join(" ");
  if (now !== truth) doubts.replaceSync(now);
  truth = now;
}

function look() {
  tell([...announce(), ...outcomes(), ...mark()]);
  doubt();
}

document.addEventListener("htmx:after:swap", look);
setInterval(() => tell(mark()), EVERY);
look();
