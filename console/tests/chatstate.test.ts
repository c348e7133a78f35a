import { describe, expect, test } from 'vitest';
import type { Author, Message } from '../src/shared/content.ts';
import { rowsOf } from '../src/widget/rows.ts';
import {
  EMPTY,
  holderOf,
  lastSeq,
  reduce,
  tickOf,
  unreadCount,
  type Change,
  type Pending,
  type State,
} from '../src/widget/state.ts';
import { parseFrame, type ServerFrame } from '../src/widget/wire.ts';

const AT = '2026-11-22T09:00:00+08:00';
const message = (seq: number, author: Author, more: Partial<Message> = {}): Message => ({
  seq,
  id: `m${seq}`,
  author,
  at: AT,
  content: { kind: 'text', text: `${author} ${seq}` },
  ...more,
});
const pending = (id: string): Pending => ({ client_msg_id: id, text: `text ${id}`, at: AT });
const frame = (body: ServerFrame): Change => ({ kind: 'frame', frame: body, now: 1_000 });
const arrive = (seq: number, author: Author, more: Partial<Message> = {}): Change =>
  frame({ type: 'message', ...message(seq, author, more) });
const play = (...changes: Change[]): State => changes.reduce(reduce, EMPTY);

describe('a message that is sent', () => {
  test('is shown at once, once, whichever of ack and echo comes first', () => {
    const composed: Change = { kind: 'composed', pending: pending('a') };
    const ack = frame({ type: 'ack', client_msg_id: 'a', seq: 1, dup: false });
    const echo = arrive(1, 'client', { client_msg_id: 'a' });
    for (const order of [
      [ack, echo],
      [echo, ack],
      [ack, ack],
      [echo, echo],
    ]) {
      const state = play(composed, ...order);
      expect(state.pending).toEqual([]);
      expect(state.messages.map(({ seq }) => seq)).toEqual([1]);
    }
  });

  test('keeps its reason when it is refused, and loses it when it is tried again', () => {
    const refusal = frame({
      type: 'error',
      code: 'too_many',
      message: '太快',
      message_en: 'too fast',
      retryable: true,
      client_msg_id: 'a',
    });
    const refused = play({ kind: 'composed', pending: pending('a') }, refusal);
    expect(refused.pending[0]?.failure).toEqual({ text: '太快', textEn: 'too fast', retryable: true });
    expect(reduce(refused, { kind: 'retry', id: 'a' }).pending).toEqual([pending('a')]);
    expect(reduce(refused, { kind: 'discard', id: 'a' }).pending).toEqual([]);
  });

  test('is not lost when the kept ones are recalled after it was written', () => {
    const state = play(
      { kind: 'composed', pending: pending('new') },
      { kind: 'restored', pending: [pending('kept')], readSeq: 4, feedback: {} },
    );
    expect(state.pending.map((one) => one.client_msg_id)).toEqual(['kept', 'new']);
  });

  test('is stored, delivered, read; an answer means that it was read', () => {
    const sent = play(arrive(1, 'client'));
    expect(tickOf(sent, 1)).toBe('stored');
    const delivered = reduce(sent, frame({ type: 'receipt', delivered: 1, read: 0 }));
    expect(tickOf(delivered, 1)).toBe('delivered');
    expect(tickOf(reduce(delivered, frame({ type: 'receipt', delivered: 0, read: 0 })), 1)).toBe('delivered');
    expect(tickOf(reduce(sent, arrive(2, 'bot')), 1)).toBe('read');
  });
});

describe('what comes in', () => {
  test('is in order of seq and never twice, however it arrives', () => {
    const state = play(arrive(3, 'bot'), arrive(1, 'client'), arrive(3, 'bot'), {
      kind: 'history',
      messages: [message(1, 'client'), message(2, 'bot')],
      complete: true,
    });
    expect(state.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lastSeq(state)).toBe(3);
    expect(state.history).toBe('complete');
  });

  test("counts as unread until it is read, and the client's own never does", () => {
    const state = play(arrive(1, 'client'), arrive(2, 'bot'), arrive(3, 'agent'));
    expect(unreadCount(state)).toBe(2);
    expect(unreadCount(reduce(state, { kind: 'read', seq: 2 }))).toBe(1);
    expect(reduce(reduce(state, { kind: 'read', seq: 3 }), { kind: 'read', seq: 1 }).readSeq).toBe(3);
  });

  test("ends the typing dots; a client's own echo does not", () => {
    const typing = play(frame({ type: 'typing', actor: 'bot', ttl_ms: 5_000 }));
    expect(reduce(typing, arrive(1, 'client')).typing).not.toBeNull();
    expect(reduce(typing, arrive(1, 'bot')).typing).toBeNull();
    expect(reduce(typing, { kind: 'typing-over', now: 5_999 }).typing).not.toBeNull();
    expect(reduce(typing, { kind: 'typing-over', now: 6_000 }).typing).toBeNull();
  });

  test('frames of a newer service, and noise, are passed over', () => {
    for (const data of ['', 'null', '[]', '{"type":"hologram"}', '{', 7, new ArrayBuffer(1)])
      expect(parseFrame(data)).toBeNull();
    expect(parseFrame('{"type":"pong"}')).toEqual({ type: 'pong' });
  });
});

describe('the floor', () => {
  test('leaves a note when it moves, none when it is told again', () => {
    const queued = play(
      arrive(1, 'client'),
      frame({ type: 'floor', floor: 'queue' }),
      frame({ type: 'floor', floor: 'queue' }),
    );
    expect(queued.notes).toHaveLength(1);
    expect(rowsOf(queued).map(({ kind }) => kind)).toEqual(['day', 'message', 'note']);
    const agent = reduce(queued, frame({ type: 'floor', floor: 'agent', name: '李敏' }));
    expect(agent.holder).toBe('李敏');
  });

  test('is known by name as soon as the client is back, and nobody holds it after', () => {
    const welcome = { type: 'welcome', conversation: 'c', last_seq: 0, floor: 'agent' as const } as const;
    const back = play(frame({ ...welcome, name: '小王' }));
    expect(holderOf(back)).toBe('小王');
    expect(back.notes).toHaveLength(0);
    expect(holderOf(reduce(back, frame({ ...welcome, floor: 'bot', name: null })))).toBeNull();
  });

  test('is held by who the service names, else by the agent who spoke last', () => {
    const joined = play(
      arrive(1, 'agent', { name: '陈伟' }),
      arrive(2, 'bot'),
      frame({ type: 'floor', floor: 'agent' }),
    );
    expect(holderOf(joined)).toBeNull();
    const spoken = reduce(joined, arrive(3, 'agent', { name: '李敏' }));
    expect(holderOf(spoken)).toBe('李敏');
    expect(holderOf(reduce(spoken, frame({ type: 'floor', floor: 'bot' })))).toBeNull();
  });

  test("the service's own line beside it wins", () => {
    const state = play(arrive(1, 'client'), frame({ type: 'floor', floor: 'queue' }), arrive(2, 'system'));
    expect(rowsOf(state).map(({ kind }) => kind)).toEqual(['day', 'message', 'message']);
  });
});

test('a new day begins with its name, and the first bubble of a run is marked', () => {
  const later = '2026-11-23T09:00:00+08:00';
  const rows = rowsOf({ ...EMPTY, messages: [message(1, 'bot'), message(2, 'bot'), message(3, 'bot', { at: later })] });
  expect(rows.map((row) => (row.kind === 'message' ? `${row.message.seq}${row.first ? '*' : ''}` : row.kind))).toEqual([
    'day',
    '1*',
    '2',
    'day',
    '3*',
  ]);
});

test('quick replies belong to the newest message only', () => {
  const newest = (state: State) =>
    rowsOf(state)
      .filter((row) => row.kind === 'message' && row.newest)
      .map((row) => row.key);
  const two = play(arrive(1, 'bot'), arrive(2, 'bot'));
  expect(newest(two)).toEqual(['seq-2']);
  expect(newest(reduce(two, { kind: 'composed', pending: pending('a') }))).toEqual([]);
});
