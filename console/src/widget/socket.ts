/** One WebSocket connection to the chat service, from `hello` to its end. Whoever holds it decides about the next one. */
import { parseFrame, type ClientFrame, type ServerFrame } from './wire.ts';

const OPEN_WITHIN_MS = 8_000;
const PING_EVERY_MS = 20_000;
const SILENT_FOR_MS = 45_000;

/** How a line ended: whether it ever carried a welcome, and the close code. */
export interface Ended {
  welcomed: boolean;
  code: number;
}

export interface LineEvents {
  frame: (frame: ServerFrame) => void;
  ended: (ended: Ended) => void;
}

/** A way to talk to the service, whichever wire it uses. */
export interface Line {
  send: (frame: ClientFrame) => void;
  close: () => void;
}

/** Open a socket, say `hello`, ping while it lives, and call `ended` exactly once. */
export function openSocket(base: string, token: string, hello: ClientFrame, events: LineEvents): Line {
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/chat/ws`, ['chat.v1', `bearer.${token}`]);
  let welcomed = false;
  let heardAt = Date.now();
  let over = false;
  const say = (frame: ClientFrame): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  const finish = (code: number): void => {
    if (over) return;
    over = true;
    clearTimeout(opening);
    clearInterval(pulse);
    socket.close();
    events.ended({ welcomed, code });
  };
  const opening = setTimeout(() => welcomed || finish(1006), OPEN_WITHIN_MS);
  const pulse = setInterval(() => {
    if (Date.now() - heardAt > SILENT_FOR_MS) finish(1006);
    else say({ type: 'ping' });
  }, PING_EVERY_MS);
  socket.onopen = () => say(hello);
  socket.onclose = (event) => finish(event.code);
  socket.onmessage = (event) => {
    heardAt = Date.now();
    const frame = parseFrame(event.data);
    if (over || !frame) return;
    if (frame.type === 'welcome') welcomed = true;
    events.frame(frame);
  };
  return { send: say, close: () => finish(1000) };
}
