// Says when what is typed could not be kept, holds a form back while there is no line, and keeps it when the line is back.
"use strict";
{
  const sheet = document.getElementById("hoja");
  const kept = document.getElementById("guardado");
  const say = (words) => {
    kept.textContent = words;
    kept.classList.toggle("warn", true);
  };

  document.addEventListener("htmx:after:swap", () => kept.classList.toggle("warn", false));
  document.addEventListener("htmx:response:error", (event) => {
    const known = {
      401: "Su sesión terminó. Elija «Seguir»: guardamos esto, y sigue al entrar de nuevo.",
      413: "Lo escrito es demasiado largo: esto no se guarda. Acorte los textos.",
      409: "En otra pestaña este borrador cambió de paciente: esto no se guarda. Vuelva a abrir el borrador.",
    };
    say(known[event.detail.ctx.response.status] ?? "No se pudo guardar. Reintentamos mientras escribe.");
  });
  document.addEventListener("htmx:error", () => say("Sin conexión: todavía no se guarda lo último."));
  window.addEventListener("online", () => sheet.dispatchEvent(new Event("input")));
  sheet.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    say("No hay conexión. Lo que escribió sigue aquí: pruebe en un momento.");
  });
}
