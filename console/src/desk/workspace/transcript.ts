/** One conversation on the desk as data: its messages, what this person has just sent, who is typing. */
import type { DeskMessage } from '../api/types.ts';

/** A reply on its way: shown at once, kept with its reason when it was not taken. */
export interface Draft {
  client_msg_id: string;
  text: string;
  at: string;
  failure?: { zh: string; en: string };
}

export interface Transcript {
  messages: readonly DeskMessage[];
  drafts: readonly Draft[];
  typing: { actor: string; until: number } | null;
  older: 'more' | 'loading' | 'none';
  loaded: boolean;
}

export const EMPTY_TRANSCRIPT: Transcript = { messages: [], drafts: [], typing: null, older: 'none', loaded: false };

const TYPING_MS = 6_000;

export type Happening =
  | { kind: 'page'; messages: readonly DeskMessage[]; older?: boolean }
  | { kind: 'older-loading' }
  | { kind: 'message'; message: DeskMessage }
  | { kind: 'drafted'; draft: Draft }
  | { kind: 'taken'; id: string; seq: number; state: string; name: string }
  | { kind: 'refused'; id: string; failure: { zh: string; en: string } }
  | { kind: 'dropped'; id: string }
  | { kind: 'delivery'; seq: number; state: string; why: string | null }
  | { kind: 'typing'; actor: string; now: number }
  | { kind: 'typing-over'; now: number };

/** Return the transcript after what happened; the old one is left as it was. */
export function follow(before: Transcript, what: Happening): Transcript {
  switch (what.kind) {
    case 'page':
      return {
        ...join(before, what.messages),
        loaded: true,
        older: what.older === undefined ? before.older : what.older ? 'more' : 'none',
      };
    case 'older-loading':
      return { ...before, older: 'loading' };
    case 'message':
      return { ...join(before, [what.message]), typing: what.message.author === 'client' ? null : before.typing };
    case 'drafted':
      return {
        ...before,
        drafts: [...before.drafts.filter((one) => one.client_msg_id !== what.draft.client_msg_id), what.draft],
      };
    case 'taken':
      return taken(before, what);
    case 'refused':
      return {
        ...before,
        drafts: before.drafts.map((one) => (one.client_msg_id === what.id ? { ...one, failure: what.failure } : one)),
      };
    case 'dropped':
      return { ...before, drafts: before.drafts.filter((one) => one.client_msg_id !== what.id) };
    case 'delivery':
      return {
        ...before,
        messages: before.messages.map((one) =>
          one.seq === what.seq ? { ...one, state: what.state, why: what.why } : one,
        ),
      };
    case 'typing':
      return { ...before, typing: { actor: what.actor, until: what.now + TYPING_MS } };
    case 'typing-over':
      return before.typing && before.typing.until <= what.now ? { ...before, typing: null } : before;
  }
}

function join(before: Transcript, incoming: readonly DeskMessage[]): Transcript {
  const bySeq = new Map(before.messages.map((message) => [message.seq, message]));
  for (const message of incoming) bySeq.set(message.seq, { ...bySeq.get(message.seq), ...message });
  const arrived = new Set(incoming.map((message) => message.client_msg_id).filter(Boolean));
  return {
    ...before,
    messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
    drafts: before.drafts.filter((draft) => !arrived.has(draft.client_msg_id)),
  };
}

function taken(
  before: Transcript,
  { id, seq, state, name }: { id: string; seq: number; state: string; name: string },
): Transcript {
  const draft = before.drafts.find((one) => one.client_msg_id === id);
  if (!draft) return before;
  const known = before.messages.find((message) => message.seq === seq);
  const message: DeskMessage = known ?? {
    seq,
    id,
    author: 'agent',
    name,
    at: draft.at,
    content: { kind: 'text', text: draft.text },
    client_msg_id: id,
    state,
  };
  return join({ ...before, drafts: before.drafts.filter((one) => one !== draft) }, [message]);
}

/** The highest `seq` held, 0 when there is none. */
export function newestSeq(transcript: Transcript): number {
  return transcript.messages.at(-1)?.seq ?? 0;
}
