// Calls of the interface. Where the session has ended the user signs in on the same page and the call goes on, so that
// nothing that was typed is lost.

import { t } from "./words.js";

const root = document.documentElement;
export const prefix = root.dataset.prefix ?? "";
let csrf = root.dataset.csrf ?? "";
let asking = null;
let askForPassword = null;

/** An answer that is no success: the sentence of the server, and its number. */
export class Problem extends Error {
  constructor(status, message, body = {}) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** Who shows the dialog for signing in again; the session module sets it. */
export function onSignedOut(show) {
  askForPassword = show;
}

export function useToken(token) {
  csrf = token;
}

export const address = (path) => `${prefix}/api/v1${path}`;

/** Call the interface and read its JSON; raises a `Problem` with one sentence. */
export async function call(method, path, body = undefined, { again = true, signal, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(address(path), {
      method, headers, signal, keepalive, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, t("The workstation does not answer. What you entered is still here; try again."));
  }
  if (answer.status === 401 && again && askForPassword) {
    asking ??= askForPassword().finally(() => (asking = null));
    await asking;
    return call(method, path, body, { again: false, signal });
  }
  const text = answer.status === 204 ? "" : await answer.text();
  const value = text ? parsed(text) : null;
  if (!answer.ok) throw new Problem(answer.status, value?.detail ?? t("The workstation answered {status}.", { status: answer.status }), value ?? {});
  return value;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Send bytes as they are; `progress` hears how many have gone. Fetch tells no progress, so the older way does it. */
export function put(path, blob, { headers = {}, progress = () => {}, signal } = {}) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address(path));
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () => {
      const value = parsed(request.responseText);
      if (request.status < 300) done(value);
      else failed(new Problem(request.status, value?.detail ?? String(request.status), value ?? {}));
    };
    request.onerror = () => failed(new Problem(0, t("The connection was lost; the upload goes on where it stopped.")));
    signal?.addEventListener("abort", () => request.abort());
    request.onabort = () => failed(new DOMException("", "AbortError"));
    request.send(blob);
  });
}
