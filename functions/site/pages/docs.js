// The viewer's script comes first: both are deferred, in the order of the page.
import { bytes } from "./asset:basic.js";

/** Sends names and passwords in UTF-8: the viewer would send Latin-1 and fail beyond it. */
const utf8 = (authorize) => (given) => {
  const inBytes = ([name, auth]) => {
    if (auth.schema.get("scheme") !== "basic") return [name, auth];
    const { username = "", password = "" } = auth.value;
    return [name, { ...auth, value: { username: bytes(username), password: bytes(password) } }];
  };
  return authorize(Object.fromEntries(Object.entries(given).map(inBytes)));
};

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#viewer",
  // It would put links inside buttons, which the keyboard does not reach.
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Sends our contract to no third party.
  validatorUrl: null,
  // Without the browser's own credentials, which open its dialog on every 401.
  requestInterceptor: (request) => Object.assign(request, { credentials: "omit" }),
  plugins: [{ statePlugins: { auth: { wrapActions: { authorize: utf8 } } } }],
});

/** What the viewer lacks for keyboards and screen readers, by selector. Set once: setting again would be a change to observe. */
const LACKS = {
  "h3.opblock-tag, .models > h4": { "aria-level": "2" },
  ".opblock h4, .dialog-ux h3": { "aria-level": "3" },
  ".opblock h5": { "aria-level": "4" },
  "select.examples-select-element": { "aria-label": "Example" },
  "select:not(.examples-select-element)": { "aria-label": "Choice" },
  ".body-param__text": { "aria-label": "Request body" },
  // Those that scroll sideways.
  ".curl, .microlight, .highlight-code, .example pre": { tabindex: "0" },
};

const improve = () => {
  for (const [selector, attributes] of Object.entries(LACKS)) {
    for (const element of document.querySelectorAll(selector)) {
      for (const [name, value] of Object.entries(attributes)) if (!element.hasAttribute(name)) element.setAttribute(name, value);
    }
  }
  for (const input of document.querySelectorAll(".parameters input[placeholder]:not([aria-label])")) input.setAttribute("aria-label", input.placeholder);
  for (const table of document.querySelectorAll(".responses-table[role=region]:not([aria-label])")) {
    const summary = table.closest(".opblock").querySelector(".opblock-summary-control");
    table.setAttribute("aria-label", `Responses of ${summary.getAttribute("aria-label") ?? summary.textContent}${table.matches(".live-responses-table") ? " (last)" : ""}`);
  }
  const about = document.querySelector(".information-container");
  about?.setAttribute("role", "region");
  about?.setAttribute("aria-label", document.title);
};
new MutationObserver(improve).observe(document.getElementById("viewer"), { childList: true, subtree: true });
