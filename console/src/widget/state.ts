/** What the widget knows, and the one pure function that changes it. Everything on the screen is drawn from this. */
import type { Floor, Message } from '../shared/content.ts';
import type { ServerFrame, TicketNews } from './wire.ts';

/** `signed-out`: the token was refused; `replaced`: this conversation was opened elsewhere. Neither retries by itself. */
export type Link = 'idle' | 'connecting' | 'online' | 'waiting' | 'offline' | 'signed-out' | 'replaced';

/** A message of the client's that the service has not confirmed yet; it keeps its id whenever it is sent again. */
export interface Pending {
  client_msg_id: string;
  text: string;
  payload?: string;
  at: string;
  failure?: { text: string; textEn: string; retryable: boolean };
}

/** A line that the widget itself adds when the floor moves: shown after message `afterSeq`. */
export interface FloorNote {
  id: string;
  afterSeq: number;
  floor: Floor;
  name?: string;
  at: string;
}

export interface State {
  link: Link;
  retryAt: number | null;
  brand: string | null;
  floor: Floor;
  holder: string | null;
  messages: readonly Message[];
  pending: readonly Pending[];
  notes: readonly FloorNote[];
  typing: { actor: 'bot' | 'agent'; until: number } | null;
  receipt: { delivered: number; read: number };
  ticket: TicketNews | null;
  history: 'unloaded' | 'loading' | 'more' | 'complete' | 'failed';
  readSeq: number;
  feedback: Readonly<Record<number, boolean>>;
  notice: { text: string; textEn: string } | null;
}

export const EMPTY: State = {
  link: 'idle',
  retryAt: null,
  brand: null,
  floor: 'bot',
  holder: null,
  messages: [],
  pending: [],
  notes: [],
  typing: null,
  receipt: { delivered: 0, read: 0 },
  ticket: null,
  history: 'unloaded',
  readSeq: 0,
  feedback: {},
  notice: null,
};

export type Change =
  | { kind: 'link'; link: Link; retryAt?: number }
  | { kind: 'restored'; pending: readonly Pending[]; readSeq: number; feedback: Readonly<Record<number, boolean>> }
  | { kind: 'history-loading' }
  | { kind: 'history-failed' }
  | { kind: 'history'; messages: readonly Message[]; complete: boolean; floor?: Floor }
  | { kind: 'frame'; frame: ServerFrame; now: number }
  | { kind: 'composed'; pending: Pending }
  | { kind: 'retry'; id: string }
  | { kind: 'discard'; id: string }
  | { kind: 'read'; seq: number }
  | { kind: 'feedback'; seq: number; helpful: boolean }
  | { kind: 'typing-over'; now: number }
  | { kind: 'notice'; notice: State['notice'] };

/** Return the state after `change`; the old one is left as it was. */
export function reduce(state: State, change: Change): State {
  switch (change.kind) {
    case 'link':
      return { ...state, link: change.link, retryAt: change.retryAt ?? null };
    case 'restored':
      return {
        ...state,
        pending: [...change.pending, ...state.pending],
        readSeq: change.readSeq,
        feedback: change.feedback,
      };
    case 'history-loading':
      return { ...state, history: 'loading' };
    case 'history-failed':
      return { ...state, history: 'failed' };
    case 'history':
      return {
        ...merge(state, change.messages),
        history: change.complete ? 'complete' : 'more',
        floor: change.floor ?? state.floor,
      };
    case 'frame':
      return receive(state, change.frame, change.now);
    case 'composed':
      return { ...state, pending: [...state.pending, change.pending], notice: null };
    case 'retry':
      return {
        ...state,
        pending: state.pending.map((one) => (one.client_msg_id === change.id ? withoutFailure(one) : one)),
      };
    case 'discard':
      return { ...state, pending: state.pending.filter((one) => one.client_msg_id !== change.id) };
    case 'read':
      return { ...state, readSeq: Math.max(state.readSeq, change.seq) };
    case 'feedback':
      return { ...state, feedback: { ...state.feedback, [change.seq]: change.helpful } };
    case 'typing-over':
      return state.typing && state.typing.until <= change.now ? { ...state, typing: null } : state;
    case 'notice':
      return { ...state, notice: change.notice };
  }
}

function receive(state: State, frame: ServerFrame, now: number): State {
  switch (frame.type) {
    case 'welcome':
      return {
        ...state,
        brand: frame.brand?.name ?? state.brand,
        floor: frame.floor,
        holder: frame.floor === 'agent' ? (frame.name ?? state.holder) : null,
      };
    case 'message': {
      const spoke = frame.author === 'bot' || frame.author === 'agent';
      return { ...merge(state, [frame]), typing: spoke ? null : state.typing };
    }
    case 'ack':
      return acknowledge(state, frame.client_msg_id, frame.seq);
    case 'typing':
      return { ...state, typing: { actor: frame.actor, until: now + Math.min(frame.ttl_ms, 30_000) } };
    case 'receipt':
      return {
        ...state,
        receipt: {
          delivered: Math.max(state.receipt.delivered, frame.delivered),
          read: Math.max(state.receipt.read, frame.read),
        },
      };
    case 'floor':
      return moveFloor(state, frame.floor, frame.name, now);
    case 'ticket':
      return { ...state, ticket: frame };
    case 'error':
      return fail(state, frame);
    case 'pong':
      return state;
  }
}

/** Join messages by `seq`, in order; a pending one that has come back as a message is no longer pending. */
function merge(state: State, incoming: readonly Message[]): State {
  const bySeq = new Map(state.messages.map((message) => [message.seq, message]));
  for (const message of incoming) bySeq.set(message.seq, message);
  const arrived = new Set(incoming.map((message) => message.client_msg_id));
  return {
    ...state,
    messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
    pending: state.pending.filter((one) => !arrived.has(one.client_msg_id)),
  };
}

/** Turn the pending message into a stored one: the service has it, whether or not it also echoes it. */
function acknowledge(state: State, id: string, seq: number): State {
  const one = state.pending.find((pending) => pending.client_msg_id === id);
  if (!one) return state;
  const known = state.messages.some((message) => message.seq === seq);
  const message: Message = {
    seq,
    id,
    author: 'client',
    at: one.at,
    content: { kind: 'text', text: one.text },
    client_msg_id: id,
  };
  return known ? { ...state, pending: state.pending.filter((other) => other !== one) } : merge(state, [message]);
}

function moveFloor(state: State, floor: Floor, name: string | null | undefined, now: number): State {
  const holder = floor === 'agent' ? (name ?? null) : null;
  if (floor === state.floor && holder === state.holder) return state;
  const at = new Date(now).toISOString();
  const note: FloorNote = {
    id: `floor-${now}-${floor}`,
    afterSeq: lastSeq(state),
    floor,
    at,
    ...(name ? { name } : {}),
  };
  return { ...state, floor, holder, notes: [...state.notes, note], typing: null };
}

function fail(state: State, frame: Extract<ServerFrame, { type: 'error' }>): State {
  const text = { text: frame.message, textEn: frame.message_en ?? frame.message };
  if (!frame.client_msg_id) return { ...state, notice: text };
  const failure = { ...text, retryable: frame.retryable };
  return {
    ...state,
    pending: state.pending.map((one) => (one.client_msg_id === frame.client_msg_id ? { ...one, failure } : one)),
  };
}

function withoutFailure({ failure: _gone, ...rest }: Pending): Pending {
  return rest;
}

/** The highest `seq` held, 0 when there is none: what `hello{after}` says. */
export function lastSeq(state: Pick<State, 'messages'>): number {
  return state.messages.at(-1)?.seq ?? 0;
}

/** Who is with the client now: named by the service or, failing that, the agent who spoke last if nobody else has since. */
export function holderOf(state: State): string | null {
  if (state.floor !== 'agent') return null;
  const last = state.messages.findLast((message) => message.author === 'bot' || message.author === 'agent');
  return state.holder ?? (last?.author === 'agent' ? (last.name ?? null) : null);
}

/** How many messages from the other side the client has not seen. */
export function unreadCount(state: State): number {
  return state.messages.filter((message) => message.seq > state.readSeq && message.author !== 'client').length;
}

/** The tick of the client's own message: stored, delivered to a person or the assistant, read by them. */
export function tickOf(state: State, seq: number): 'stored' | 'delivered' | 'read' {
  const answered = state.messages.some(
    (message) => message.seq > seq && (message.author === 'bot' || message.author === 'agent'),
  );
  if (answered || state.receipt.read >= seq) return 'read';
  return state.receipt.delivered >= seq ? 'delivered' : 'stored';
}
