// @ts-check
/**
 * Tells the others which call this person is about to act on: as long as its dialog is open, and
 * not a second longer. The server forgets it by itself when no word comes.
 */

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const RENEW = 5000; // ms; the lease is three times as long
/** @type {{form: HTMLFormElement, leave: string, body: FormData, gone: boolean} | null} what the dialog is about */
let attended = null;

/** The dialog shows another call, or a new answer about the same one. */
function look() {
  const form = /** @type {HTMLFormElement | null} */ (dialog.querySelector("form[data-attend]"));
  if (form === attended?.form) return;
  const before = attended;
  attended = form && { form, leave: form.dataset.leave ?? "", body: named(form), gone: false };
  if (before && before.body.get("call") !== attended?.body.get("call")) goodbye(before);
}

/** @param {HTMLFormElement} form */
function named(form) {
  const all = new FormData(form);
  const body = new FormData();
  for (const name of ["call", "csrfmiddlewaretoken"]) body.set(name, all.get(name) ?? "");
  return body;
}

/** @param {{leave: string, body: FormData}} what */
function goodbye(what) {
  navigator.sendBeacon(what.leave, what.body);
}

/** Still here. The answer is empty, or says who was faster. */
async function renew() {
  if (!attended || !dialog.open) return;
  const { form, body } = attended;
  const answer = await fetch(form.dataset.attend ?? "", { method: "POST", body }).catch(() => null);
  if (attended?.body.get("call") !== body.get("call")) goodbye({ leave: form.dataset.leave ?? "", body }); // said while she left
  const words = answer?.status === 200 ? await answer.text() : "";
  const note = form.querySelector("[data-became]");
  if (note && words) note.textContent = words;
}

document.addEventListener("htmx:after:swap", () => {
  look();
  if (!attended || attended.gone || document.getElementById(attended.form.dataset.call ?? "")) return;
  attended.gone = true;
  renew();
});
dialog.addEventListener("shut", () => {
  if (attended) goodbye(attended);
  attended = null;
});
addEventListener("pagehide", () => {
  if (attended) goodbye(attended);
});
setInterval(renew, RENEW);
