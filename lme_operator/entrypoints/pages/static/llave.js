// Forms answered with a security key: <form data-llave="crear|usar" data-opciones="{…}|[{…}, …]">. On submit each ceremony
// runs in turn; the hidden field `credencial` takes what the authenticator answered, and the form goes its way.
"use strict";

const WORDS = {
  NotAllowedError: "No se usó la llave: se canceló, pasó el tiempo, o no reconoció su PIN o su huella. Inténtelo de nuevo.",
  AbortError: "No se usó la llave: se canceló. Inténtelo de nuevo.",
  InvalidStateError: "Esa llave ya está registrada. Use otra.",
  NotSupportedError: "Esa llave no sirve aquí: debe pedir su PIN o su huella. Use otra.",
  ConstraintError: "Esa llave no puede comprobar que es usted: póngale un PIN o registre su huella, o use otra.",
  SecurityError: "Esta dirección no es la del operador: no use su llave aquí.",
};
const OTHER = "La llave no respondió. Inténtelo de nuevo, o use el código de su aplicación.";
const UNABLE = "Este navegador no puede usar llaves de seguridad. Use el código de su aplicación.";

const ceremony = { crear: "startRegistration", usar: "startAuthentication" };

async function answers(form) {
  const options = JSON.parse(form.dataset.opciones);
  const run = SimpleWebAuthnBrowser[ceremony[form.dataset.llave]];
  if (!Array.isArray(options)) return run({ optionsJSON: options });
  const given = [];
  for (const [index, optionsJSON] of options.entries()) {
    say(form, "status", `Llave ${index + 1} de ${options.length}: siga lo que pide su navegador.`);
    given.push(await run({ optionsJSON }));
  }
  return given;
}

function ready(form) {
  form.querySelector("button").removeAttribute("aria-disabled");
  form.elements.credencial.value = "";
  say(form, "status", "");
}

function say(form, role, words) {
  form.querySelector(`[role="${role}"]`).textContent = words;
}

async function submit(event) {
  const form = event.currentTarget;
  const button = form.querySelector("button");
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  say(form, "alert", "");
  say(form, "status", "Siga lo que pide su navegador: conecte o acerque su llave, y póngale su PIN o su huella.");
  button.setAttribute("aria-disabled", "true");
  try {
    form.elements.credencial.value = JSON.stringify(await answers(form));
    HTMLFormElement.prototype.submit.call(form);
  } catch (error) {
    ready(form);
    say(form, "alert", WORDS[error.name] ?? OTHER);
  }
}

// What is there for whoever has no scripts is folded away for the others.
for (const folded of document.querySelectorAll("details[data-plegar]")) folded.open = false;

for (const form of document.querySelectorAll("form[data-llave]")) {
  if (SimpleWebAuthnBrowser.browserSupportsWebAuthn()) form.addEventListener("submit", submit);
  else say(form, "alert", UNABLE);
  // Back to a page that the browser kept as it was left.
  addEventListener("pageshow", (event) => event.persisted && ready(form));
}
