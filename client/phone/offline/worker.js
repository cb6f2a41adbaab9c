// Opens the app without a network: the files of one build, kept from the first visit on. What the
// server answers about land and people is none of its business: the app keeps the last views itself.

const BUILD = "__BUILD__";
const FILES = __FILES__;
const PAGE = "/m/";
const PREFIX = "kandi-";
/** Longer than this nobody looks at an empty screen while the kept page is at hand. */
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  // The page and what has no hash in its name may be an older one in the browser's own cache.
  const asked = FILES.map((path) => new Request(path, { cache: /[-.][\w-]{8}\.\w+$/.test(path) ? "default" : "reload" }));
  event.waitUntil(caches.open(PREFIX + BUILD).then((cache) => cache.addAll(asked)));
});

// Only when no page of the older build is open any more: until then its files stay.
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX + BUILD).map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || !pathname.startsWith(PAGE)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else event.respondWith(caches.match(request, { ignoreSearch: true, ignoreVary: true }).then((kept) => kept ?? fetch(request)));
});

/** The newest page while there is a network, else the one of this build. */
async function page(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(request, { signal: stop.signal });
  } catch (error) {
    const kept = await caches.match(PAGE, { ignoreVary: true });
    if (!kept) throw error;
    return kept;
  } finally {
    clearTimeout(timer);
  }
}
