// @ts-check
/** The settings page: hear the sound, and let the browser ask about notifications. */

/** The texts of /words.js. @type {any} */
const { gettext } = window;
const sound = /** @type {HTMLAudioElement} */ (document.getElementById("ring"));
const hear = /** @type {HTMLButtonElement} */ (document.getElementById("hear"));
const desktop = /** @type {HTMLInputElement} */ (document.getElementById("id_desktop"));
const answer = /** @type {HTMLElement} */ (document.getElementById("desktop-answer"));

hear.hidden = false;
hear.addEventListener("click", () => {
  sound.volume = 0.5;
  sound.currentTime = 0;
  sound.play();
});

/** What the browser says to notifications of this page. */
function tell() {
  if (!desktop.checked) answer.textContent = "";
  else if (!("Notification" in window)) answer.textContent = gettext("This browser has none for this page: it asks for https.");
  else if (Notification.permission === "denied") answer.textContent = gettext("Your browser forbids them: allow them in its settings for this page.");
  else answer.textContent = Notification.permission === "granted" ? gettext("Your browser allows them.") : gettext("Your browser has not been asked yet: click here again.");
}

desktop.addEventListener("click", async () => {
  if (desktop.checked && "Notification" in window) await Notification.requestPermission();
  tell();
});
for (const field of document.querySelectorAll("input.key")) {
  field.addEventListener("focus", () => /** @type {HTMLInputElement} */ (field).select());
}
tell();
