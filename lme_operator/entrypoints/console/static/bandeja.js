// Counts the seconds down and fetches the next codes. Without it the page reloads itself when they change.
"use strict";
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function renew() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
}

async function run() {
  let due = null;
  for (;;) {
    const left = document.getElementById("faltan");
    due ??= Date.now() + 1000 * Number(left?.dataset.segundos ?? 5);
    const seconds = Math.ceil((due - Date.now()) / 1000);
    if (left) left.textContent = String(Math.max(seconds, 0));
    if (seconds <= 0) {
      try { await renew(); } catch { await wait(2000); }
      due = null;
    }
    await wait(250);
  }
}

run();
