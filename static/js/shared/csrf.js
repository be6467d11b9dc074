// The CSRF token stands in <body hx-headers>; the cookie is HttpOnly. It goes stale when somebody signs in in
// another tab: the server then answers 403 with a fresh one in X-CSRF-Token, and one retry is right.

const headers = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");

export function renew(token) {
  document.body.setAttribute("hx-headers", JSON.stringify({ ...headers(), "X-CSRFToken": token }));
  for (const field of document.querySelectorAll('input[name="csrfmiddlewaretoken"]'))
    field.value = token;
}

/** What a request of ours carries, for those that send no form fields. */
export const headersOf = () => ({ ...headers(), "X-Wants": "json" });

/** POST as the person signed in here; never follows a redirect to a sign-in page. */
async function send(url, body, headers, { signal, mayRetry = true } = {}) {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { ...headersOf(), ...headers },
    redirect: "manual",
    signal,
  });
  const token = response.status === 403 && response.headers.get("X-CSRF-Token");
  if (!token || !mayRetry) return response;
  renew(token);
  return send(url, body, headers, { signal, mayRetry: false });
}

export const post = (url, fields, signal) => send(url, new URLSearchParams(fields), {}, { signal });

/** A form with files in it, and headers of its own. */
export const postForm = (url, form, headers = {}) => send(url, form, headers);

export const postJson = (url, value) =>
  send(url, JSON.stringify(value), { "Content-Type": "application/json" });
