/** The fall-back where WebSocket is blocked: server-sent events one way, POST the other, looking like a socket. */
import { Refused, type Rest } from './rest.ts';
import type { Line, LineEvents } from './socket.ts';
import { CLOSE, parseFrame, type ClientFrame, type Failure } from './wire.ts';

const KINDS = ['message', 'typing', 'floor', 'ticket'] as const;

/** Open the stream after `after` and call `ended` exactly once; EventSource's own retry is not used, its ticket is spent. */
export function openStream(rest: Rest, after: number, events: LineEvents): Line {
  let source: EventSource | null = null;
  let welcomed = false;
  let over = false;
  const finish = (code: number): void => {
    if (over) return;
    over = true;
    source?.close();
    events.ended({ welcomed, code });
  };
  const attach = (address: string): void => {
    if (over) return;
    source = new EventSource(address);
    source.onopen = () => void welcome();
    source.onerror = () => finish(1006);
    for (const kind of KINDS) source.addEventListener(kind, (event) => hear(kind, event));
  };
  const welcome = async (): Promise<void> => {
    const page = await rest.history({ after }).catch(() => null);
    if (over) return;
    if (page === null) return finish(1006);
    welcomed = true;
    events.frame({ type: 'welcome', conversation: '', last_seq: page.last_seq, floor: page.floor });
  };
  const hear = (kind: string, event: MessageEvent<string>): void => {
    const body: unknown = JSON.parse(event.data);
    const frame = parseFrame(JSON.stringify({ ...(body as object), type: kind }));
    if (frame && !over) events.frame(frame);
  };
  rest
    .streamAddress(after)
    .then(attach)
    .catch((error: unknown) => finish(closeCode(error)));
  // One POST at a time: messages arrive in the order in which they were written.
  let tail = Promise.resolve();
  const send = (frame: ClientFrame): void => {
    tail = tail.then(() => (over ? undefined : post(rest, frame, events, finish)));
  };
  return { send, close: () => finish(1000) };
}

async function post(rest: Rest, frame: ClientFrame, events: LineEvents, finish: (code: number) => void): Promise<void> {
  try {
    if (frame.type !== 'send') return await rest.tell(frame);
    const { type: _type, ...message } = frame;
    const { seq, dup } = await rest.send(message);
    events.frame({ type: 'ack', client_msg_id: frame.client_msg_id, seq, dup });
  } catch (error) {
    if (error instanceof Refused && frame.type === 'send' && error.status !== 401)
      events.frame(asFailure(error, frame.client_msg_id));
    else finish(closeCode(error));
  }
}

function asFailure(error: Refused, id: string): Failure {
  const retryable = error.status >= 500 || error.status === 429;
  return {
    type: 'error',
    code: error.code,
    message: error.message,
    message_en: error.messageEn,
    retryable,
    client_msg_id: id,
  };
}

function closeCode(error: unknown): number {
  return error instanceof Refused && error.status === 401 ? CLOSE.auth : 1006;
}
