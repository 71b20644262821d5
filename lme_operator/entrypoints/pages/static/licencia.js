// Says when what is typed could not be kept, holds a form back where sending it would lose it (no line, no session), and
// keeps it when the line is back.
"use strict";
{
  const sheet = document.getElementById("hoja");
  const kept = document.getElementById("guardado");
  let lost = false;
  const say = (words) => {
    kept.textContent = words;
    kept.classList.toggle("warn", true);
  };
  const sayOver = () => {
    say(
      lost
        ? "Su sesión terminó. Copie lo último que escribió: lo demás está en su borrador. "
        : "Su sesión terminó. Lo que escribió quedó en su borrador: entre y siga. ",
    );
    const entry = Object.assign(document.createElement("a"), { href: "/consola/entrar", textContent: "Entrar de nuevo" });
    kept.append(entry);
  };

  document.addEventListener("htmx:after:swap", (event) => {
    // It comes after a refusal too, of which nothing was swapped.
    if (!(event.detail.ctx?.response?.status >= 400)) kept.classList.toggle("warn", false);
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { status, headers } = event.detail.ctx.response;
    if (status === 401) {
      lost = headers.get("Borrador-Guardado") !== "si";
      return sayOver();
    }
    const known = {
      413: "Lo escrito es demasiado largo: esto no se guarda. Acorte los textos.",
      409: "En otra pestaña este borrador cambió de paciente: esto no se guarda. Vuelva a abrir el borrador.",
    };
    say(known[status] ?? "No se pudo guardar. Reintentamos mientras escribe.");
  });
  document.addEventListener("htmx:error", () => say("Sin conexión: todavía no se guarda lo último."));
  window.addEventListener("online", () => sheet.dispatchEvent(new Event("input")));
  sheet.addEventListener("submit", (event) => {
    if (navigator.onLine && !lost) return;
    event.preventDefault();
    if (lost) return sayOver();
    say("No hay conexión. Lo que escribió sigue aquí: pruebe en un momento.");
  });
}
