{% load static %}"use strict";
/* Keeps one page, for when there is no network. Nothing a person has seen or typed is ever kept. */
const SHELF = "offline-1";
const PAGE = "{% url "offline" %}";
const PARTS = [PAGE, "{% static "css/tokens.css" %}", "{% static "css/base.css" %}", "{% static "css/parts.css" %}", "{% static "css/forms.css" %}"];

self.addEventListener("install", (event) => {
  const asked = PARTS.map((path) => new Request(path, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(asked)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== SHELF).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

/* Only when the network is away: everything else goes its way untouched. */
self.addEventListener("fetch", (event) => {
  const request = event.request;
  const wanted = request.mode === "navigate" && request.method === "GET";
  if (!wanted && !(request.destination === "style")) return;
  event.respondWith(
    fetch(request).catch(async () => (await caches.match(wanted ? PAGE : request)) || Response.error()),
  );
});
