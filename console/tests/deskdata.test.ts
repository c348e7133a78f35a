import { describe, expect, test } from 'vitest';
import type { DeskMessage, TicketRow } from '../src/desk/api/types.ts';
import { lateness } from '../src/desk/workspace/lateness.ts';
import {
  addPage,
  belongs,
  EMPTY_LIST,
  fromPage,
  inOrder,
  neighbour,
  withNews,
} from '../src/desk/workspace/ticketlist.ts';
import {
  EMPTY_TRANSCRIPT,
  follow,
  newestSeq,
  type Happening,
  type Transcript,
} from '../src/desk/workspace/transcript.ts';

const ME = 'p1';
const row = (id: string, more: Partial<TicketRow> = {}): TicketRow => ({
  id,
  number: `T-${id}`,
  title: id,
  state: 'new',
  priority: 'normal',
  channel: 'chat',
  client: null,
  reason: 'unsure',
  assignee: null,
  opened_at: `2026-11-22T09:00:0${id}Z`,
  promised_at: null,
  last_message: null,
  unread: 0,
  undelivered: 0,
  ...more,
});
const ids = (rows: readonly TicketRow[]): string => rows.map(({ id }) => id).join('');

describe('the list of tickets', () => {
  test('a ticket is in the queue, mine, all or resolved by its state and holder', () => {
    const held = row('1', { state: 'in_progress', assignee: { id: ME, name: '李' } });
    const done = row('1', { state: 'resolved', assignee: { id: ME, name: '李' } });
    const where = (one: TicketRow) =>
      (['queue', 'mine', 'all', 'resolved'] as const).filter((view) => belongs(one, view, ME));
    expect(where(row('1'))).toEqual(['queue', 'all']);
    expect(where(held)).toEqual(['mine', 'all']);
    expect(where(done)).toEqual(['resolved']);
    expect(where({ ...done, undelivered: 1 })).toEqual(['mine', 'resolved']);
  });

  test('is ordered by urgency, then by waiting; the resolved by recency', () => {
    const rows = [row('3'), row('1'), row('2', { priority: 'critical' })];
    expect(ids(inOrder(rows, 'queue'))).toBe('213');
    expect(ids(inOrder(rows, 'resolved'))).toBe('321');
  });

  test('news bring a ticket in, change it and take it out, but not from under the reader', () => {
    const where = { view: 'queue' as const, personId: ME, selected: null };
    const one = withNews(EMPTY_LIST, row('1'), where);
    expect(ids(one.rows)).toBe('1');
    expect(withNews(one, row('1', { unread: 4 }), where).rows[0]?.unread).toBe(4);
    const taken = row('1', { assignee: { id: 'p2', name: '陈' }, state: 'in_progress' });
    expect(withNews(one, taken, where).rows).toEqual([]);
    expect(ids(withNews(one, taken, { ...where, selected: '1' }).rows)).toBe('1');
    expect(withNews(EMPTY_LIST, taken, { ...where, selected: '1' }).rows).toEqual([]);
  });

  test('of a ticket that is no longer ours to see, only its holder and state are taken over', () => {
    const one = withNews(EMPTY_LIST, row('1', { unread: 2 }), { view: 'queue', personId: ME, selected: null });
    const gone = row('1', { title: '', state: 'in_progress', assignee: { id: 'p2', name: '陈' } });
    const kept = withNews(one, gone, { view: 'queue', personId: ME, selected: '1' }).rows[0];
    expect([kept?.title, kept?.state, kept?.assignee?.name, kept?.unread]).toEqual(['1', 'in_progress', '陈', 0]);
    expect(withNews(EMPTY_LIST, gone, { view: 'all', personId: ME, selected: null }).rows).toEqual([]);
  });

  test('pages join without repeats and tell whether there is more', () => {
    const first = fromPage({ tickets: [row('1'), row('2')], counts: { queue: 3, mine: 0 } }, 'queue', 2);
    expect(first.more).toBe(true);
    const both = addPage(first, { tickets: [row('2'), row('3')], counts: { queue: 3, mine: 0 } }, 'queue', 3);
    expect([ids(both.rows), both.more]).toEqual(['123', false]);
  });

  test('J and K stop at the ends and begin at the top', () => {
    const rows = [row('1'), row('2')];
    expect(neighbour(rows, null, 1)?.id).toBe('1');
    expect(neighbour(rows, '2', 1)?.id).toBe('2');
    expect(neighbour(rows, '2', -1)?.id).toBe('1');
    expect(neighbour([], '2', 1)).toBeUndefined();
  });

  test('a promise is kept, near or broken', () => {
    const now = Date.parse('2026-11-22T09:00:00Z');
    const due = (at: string | null) => lateness({ promised_at: at }, now);
    expect(due(null)).toBeNull();
    expect(due('2026-11-22T09:15:00Z')).toBeNull();
    expect(due('2026-11-22T09:14:59Z')?.kind).toBe('soon');
    expect(due('2026-11-22T08:59:00Z')).toEqual({ kind: 'late', ms: 60_000 });
  });
});

describe('a conversation on the desk', () => {
  const said = (seq: number, more: Partial<DeskMessage> = {}): DeskMessage => ({
    seq,
    id: `m${seq}`,
    author: 'client',
    at: '2026-11-22T09:00:00Z',
    content: { kind: 'text', text: `${seq}` },
    ...more,
  });
  const draft = { client_msg_id: 'a', text: '您好', at: '2026-11-22T09:00:01Z' };
  const play = (...all: Happening[]): Transcript => all.reduce(follow, EMPTY_TRANSCRIPT);

  test('a reply is shown once, whichever of answer and live message comes first', () => {
    const taken: Happening = { kind: 'taken', id: 'a', seq: 2, state: 'queued', name: '李敏' };
    const live: Happening = {
      kind: 'message',
      message: said(2, { author: 'agent', client_msg_id: 'a', state: 'queued' }),
    };
    for (const order of [
      [taken, live],
      [live, taken],
    ]) {
      const after = play({ kind: 'page', messages: [said(1)] }, { kind: 'drafted', draft }, ...order);
      expect(after.drafts).toEqual([]);
      expect(after.messages.map(({ seq }) => seq)).toEqual([1, 2]);
    }
  });

  test('a refused reply stays with its reason; sending it again clears the reason', () => {
    const failure = { zh: '窗口已关闭', en: 'closed' };
    const refused = play({ kind: 'drafted', draft }, { kind: 'refused', id: 'a', failure });
    expect(refused.drafts[0]?.failure).toEqual(failure);
    expect(follow(refused, { kind: 'drafted', draft }).drafts).toEqual([draft]);
    expect(follow(refused, { kind: 'dropped', id: 'a' }).drafts).toEqual([]);
  });

  test('delivery news find their message and leave the others', () => {
    const after = play(
      { kind: 'page', messages: [said(1), said(2)] },
      { kind: 'delivery', seq: 2, state: 'failed', why: '45015' },
    );
    expect(after.messages.map(({ state, why }) => [state, why])).toEqual([
      [undefined, undefined],
      ['failed', '45015'],
    ]);
  });

  test('what was missed is read in, in order, and the newest number is known', () => {
    const after = play(
      { kind: 'page', messages: [said(4)], older: true },
      { kind: 'message', message: said(7) },
      { kind: 'page', messages: [said(5), said(6), said(7)] },
    );
    expect(after.messages.map(({ seq }) => seq)).toEqual([4, 5, 6, 7]);
    expect([newestSeq(after), after.older]).toEqual([7, 'more']);
  });

  test('typing ends when the client has written, or after a while', () => {
    const typing = play({ kind: 'typing', actor: 'client', now: 0 });
    expect(follow(typing, { kind: 'message', message: said(1) }).typing).toBeNull();
    expect(follow(typing, { kind: 'typing-over', now: 5_999 }).typing).not.toBeNull();
    expect(follow(typing, { kind: 'typing-over', now: 6_000 }).typing).toBeNull();
  });
});
