// Counts the seconds down, and fetches the next codes and what has come in. Without it the page reloads itself.
"use strict";
const EVERY = 3;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function renew() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("mensajes");
  const shown = document.getElementById("mensajes");
  if (fresh.innerHTML !== shown.innerHTML) shown.replaceWith(fresh);
  return page.getElementById("codigos");
}

async function run() {
  let due = null;
  let look = Date.now() + 1000 * EVERY;
  for (;;) {
    const left = document.getElementById("faltan");
    due ??= Date.now() + 1000 * Number(left?.dataset.segundos ?? 5);
    const over = Date.now() >= due;
    if (left) left.textContent = String(Math.max(Math.ceil((due - Date.now()) / 1000), 0));
    if (over || Date.now() >= look) {
      try {
        const codes = await renew();
        if (over) {
          document.getElementById("codigos").replaceWith(codes);
          due = null;
        }
      } catch {
        await wait(2000);
      }
      look = Date.now() + 1000 * EVERY;
    }
    await wait(250);
  }
}

run();
