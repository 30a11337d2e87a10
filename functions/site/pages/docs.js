// The viewer comes before this module: both are deferred, in the order of the page.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // No third party is asked about our contract.
  validatorUrl: null,
  withCredentials: false,
});
