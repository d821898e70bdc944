// @ts-check
/**
 * The server's time, for every script of the page: what began when was written by the server, and
 * the clock of the computer may be minutes off.
 */

/** @type {HTMLElement} */
const board = /** @type {any} */ (document.getElementById("board"));
const SET_BACK = 2000; // ms: less than that, and the message was merely longer on its way
let ahead = -Infinity; // of this page's own clock, which nobody sets

function now() {
  return performance.now() + ahead;
}

/** @param {number} time the server's, in ms, as it was when the message left */
function set(time) {
  const fresh = time - performance.now();
  if (fresh > ahead || fresh < ahead - SET_BACK) ahead = fresh;
}

set(Date.parse(board.dataset.now ?? ""));
Object.assign(window, { server: { now, set } });
