// Pushes in the service worker, for its importScripts: `opicPush` shows one, `opicClick` answers a press on it.
// What comes is { title, body, url, tag }; the url is a page of ours, and only ever opened as one.
{
  const iconOf = () => self.OPIC?.shell?.find((name) => /icon-192/.test(name));

  function payloadOf(event) {
    try {
      return event.data.json() ?? {};
    } catch {
      return {}; // a browser wants something to be shown for every push, whatever came
    }
  }

  function onPush(event) {
    const {
      title = "OPIc Practice",
      body = "",
      tag,
      icon = iconOf(),
      url = "/",
    } = payloadOf(event);
    event.waitUntil(self.registration.showNotification(title, { body, tag, icon, data: { url } }));
  }

  function pageOf(url) {
    const page = new URL(url ?? "/", location.origin);
    return page.origin === location.origin ? page.href : new URL("/", location.origin).href;
  }

  /** A window that is there already comes to the front; others are left alone: one may be recording. */
  async function open(page) {
    const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = windows.find(({ url }) => url.split("#")[0] === page.split("#")[0]);
    return there ? there.focus() : self.clients.openWindow(page);
  }

  function onNotificationClick(event) {
    event.notification.close();
    event.waitUntil(open(pageOf(event.notification.data?.url)));
  }

  self.opicPush = onPush;
  self.opicClick = onNotificationClick;
}
