// What this browser knows of our pushes. Nothing here asks a person for anything: that is the switch's alone.
import { postJson } from "opic/shared/csrf";

const SLOWEST = 10_000; // milliseconds until a worker that is not there counts as not there
const NAME = "opic-push"; // who switched it on here, and for which address

export const isSupported = () =>
  "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

/** The subscription as it is; none when no worker of ours is there. */
export async function subscriptionHere() {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function whenReady() {
  const never = new Promise((_resolve, reject) =>
    setTimeout(reject, SLOWEST, new Error("no worker")),
  );
  return Promise.race([navigator.serviceWorker.ready, never]);
}

function bytesOf(text) {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

const isFor = ({ options }, key) => {
  const own = new Uint8Array(options?.applicationServerKey ?? []);
  return own.length === key.length && own.every((byte, index) => byte === key[index]);
};

/** The subscription for our key: the one there is, or a new one; one for another key is ended. */
export async function subscribe(key) {
  const { pushManager } = await whenReady();
  const applicationServerKey = bytesOf(key);
  const old = await pushManager.getSubscription();
  if (old && isFor(old, applicationServerKey)) return old;
  await old?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

/** By which the server's list and this browser are compared, without the address in the page. */
export async function markOf({ endpoint }) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Tell the server; true when it knows this browser now. */
export async function register(url, subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return (await postJson(url, { endpoint, keys })).ok;
}

export function readSaved() {
  try {
    return JSON.parse(localStorage.getItem(NAME));
  } catch {
    return null;
  }
}

export const save = (user, mark) => localStorage.setItem(NAME, JSON.stringify({ user, mark }));

export const forget = () => localStorage.removeItem(NAME);
