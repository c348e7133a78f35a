import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { newId } from '../../shared/ids.ts';
import { conversations, PAGE } from '../api/desk.ts';
import { ApiError } from '../api/http.ts';
import { useSession } from '../session/session.tsx';
import { EMPTY_TRANSCRIPT, follow, newestSeq, type Draft, type Happening, type Transcript } from './transcript.ts';

export interface TranscriptHandle {
  transcript: Transcript;
  error: unknown;
  reload: () => void;
  loadOlder: () => void;
  /** Send a text under the epoch the person saw; a draft that failed is sent again under its own id. */
  send: (text: string, floorEpoch: number, again?: Draft) => Promise<void>;
  drop: (draft: Draft) => void;
}

interface Wishes {
  /** The service refused a reply: 409 tells why, the screen reads floor and window anew. */
  onRefused: (error: ApiError) => void;
  floorMoved: { zh: string; en: string };
}

/** A conversation's messages: the newest page, what comes live, and whatever was missed while the line was down. */
export function useTranscript(conversationId: string | null, wishes: Wishes): TranscriptHandle {
  const { live, person } = useSession();
  const [transcript, tell] = useReducer(
    (before: Transcript, what: Happening | 'forget') => (what === 'forget' ? EMPTY_TRANSCRIPT : follow(before, what)),
    EMPTY_TRANSCRIPT,
  );
  const [error, setError] = useState<unknown>(null);
  const latest = useRef({ transcript, wishes });
  latest.current = { transcript, wishes };

  const load = useCallback(async () => {
    if (!conversationId) return;
    try {
      const page = await conversations.newest(conversationId);
      tell({ kind: 'page', messages: page.messages, older: page.messages.length >= PAGE });
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  }, [conversationId]);

  useEffect(() => {
    tell('forget');
    setError(null);
    live.watch(conversationId);
    void load();
  }, [live, conversationId, load]);
  useEffect(() => () => live.watch(null), [live]);

  useEffect(
    () =>
      live.onOnline(() => {
        const known = newestSeq(latest.current.transcript);
        if (conversationId && known) void catchUp(conversationId, known, tell);
        else void load();
      }),
    [live, conversationId, load],
  );

  useEffect(
    () =>
      live.onFrame((frame) => {
        if (!('conversation_id' in frame) || frame.conversation_id !== conversationId) return;
        if (frame.type === 'message') {
          const known = newestSeq(latest.current.transcript);
          tell({ kind: 'message', message: frame.message });
          if (frame.message.seq > known + 1) void catchUp(conversationId, known, tell);
        }
        if (frame.type === 'delivery')
          tell({ kind: 'delivery', seq: frame.seq, state: frame.state, why: frame.why ?? null });
        if (frame.type === 'typing') tell({ kind: 'typing', actor: frame.actor, now: Date.now() });
      }),
    [live, conversationId],
  );

  const until = transcript.typing?.until;
  useEffect(() => {
    if (until === undefined) return undefined;
    const timer = setTimeout(() => tell({ kind: 'typing-over', now: Date.now() }), until - Date.now() + 20);
    return () => clearTimeout(timer);
  }, [until]);

  const send = async (text: string, floorEpoch: number, again?: Draft): Promise<void> => {
    if (!conversationId) return;
    const draft: Draft = { client_msg_id: again?.client_msg_id ?? newId(), text, at: new Date().toISOString() };
    tell({ kind: 'drafted', draft });
    try {
      const { seq, state } = await conversations.send(conversationId, {
        client_msg_id: draft.client_msg_id,
        text,
        floor_epoch: floorEpoch,
      });
      tell({ kind: 'taken', id: draft.client_msg_id, seq, state, name: person.name });
    } catch (problem) {
      const refusal = problem instanceof ApiError ? problem : new ApiError(0, 'bug', String(problem), String(problem));
      const failure =
        refusal.code === 'floor_moved' ? wishes.floorMoved : { zh: refusal.message, en: refusal.messageEn };
      tell({ kind: 'refused', id: draft.client_msg_id, failure });
      latest.current.wishes.onRefused(refusal);
    }
  };

  const loadOlder = (): void => {
    const first = transcript.messages[0]?.seq;
    if (!conversationId || first === undefined || transcript.older !== 'more') return;
    tell({ kind: 'older-loading' });
    conversations.before(conversationId, first).then(
      (page) => tell({ kind: 'page', messages: page.messages, older: page.messages.length >= PAGE }),
      () => tell({ kind: 'page', messages: [], older: true }),
    );
  };

  return {
    transcript,
    error,
    reload: () => void load(),
    loadOlder,
    send,
    drop: (draft) => tell({ kind: 'dropped', id: draft.client_msg_id }),
  };
}

/** Read everything after `from`, page by page. */
async function catchUp(conversationId: string, from: number, tell: (what: Happening) => void): Promise<void> {
  let after = from;
  for (;;) {
    const page = await conversations.after(conversationId, after).catch(() => null);
    if (!page || page.messages.length === 0) return;
    tell({ kind: 'page', messages: page.messages });
    after = page.messages.at(-1)!.seq;
  }
}
