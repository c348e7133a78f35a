// The lab's own API.

async function call(path, options) {
  const answer = await fetch(path, options);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body?.error?.message ?? `HTTP ${answer.status}`);
  return body;
}

export const get = (path) => call(path);

export const post = (path, body = {}) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** Follow what happens; `handlers` by event name, `onState(true|false)` when the line comes or goes. */
export function follow(handlers, onState) {
  const source = new EventSource("/lab/live");
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
}

/** Take a picture with the phone: an empty body asks the lab to paint one. */
export const takePhoto = (account) => call(`/lab/wechat/${account}/photo`, { method: "POST" });
