// The viewer comes before this module: both are deferred, in the order of the page.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#viewer",
  // With it, there would be links within buttons: no keyboard gets at them.
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // No third party is asked about our contract.
  validatorUrl: null,
  withCredentials: false,
});

// Its sections are headings of the third and fourth level below one of the first, and what stands
// above them is outside of any landmark.
const improve = () => {
  for (const heading of document.querySelectorAll("h3.opblock-tag, .models > h4")) heading.setAttribute("aria-level", "2");
  const about = document.querySelector(".information-container");
  about?.setAttribute("role", "region");
  about?.setAttribute("aria-label", document.title);
};
new MutationObserver(improve).observe(document.getElementById("viewer"), { childList: true, subtree: true });
