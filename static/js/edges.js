// @ts-check
/** What gets the focus is scrolled out from under the bars along the upper and the lower edge. */

const root = document.documentElement;
const above = /** @type {HTMLElement} */ (document.getElementById("consultation"));
const below = /** @type {HTMLElement} */ (document.querySelector(".dock"));
const bars = new ResizeObserver(() => {
  root.style.scrollPadding = `${above.offsetHeight}px 0 ${below.offsetHeight}px`;
});
bars.observe(above);
bars.observe(below);
