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

// The viewer skips heading levels, and puts its introduction outside of every landmark.
const improve = () => {
  for (const heading of document.querySelectorAll("h3.opblock-tag, .models > h4")) heading.setAttribute("aria-level", "2");
  const about = document.querySelector(".information-container");
  about?.setAttribute("role", "region");
  about?.setAttribute("aria-label", document.title);
};
new MutationObserver(improve).observe(document.getElementById("viewer"), { childList: true, subtree: true });
