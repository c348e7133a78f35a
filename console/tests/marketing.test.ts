import { expect, test } from 'vitest';
import type { Cell } from '../src/desk/api/campaign.ts';
import type { Rehearsed } from '../src/desk/api/journey.ts';
import { addTo, type Failure, type FailureGroup, type Replayed } from '../src/desk/api/letter.ts';
import { rowsOf, sumOf } from '../src/desk/campaign/cell.ts';
import { fixOf, isCorrectable, isOfAccount, kindsOf } from '../src/desk/campaign/failure.ts';
import { asWhere, daysAgo, inOrder, partsOf, passesOf, sumOf as comesTo } from '../src/desk/journey/rehearsal.ts';

const cell = (arm: string, channel: string, more: Partial<Cell> = {}): Cell => ({
  arm,
  channel,
  planned: 10,
  held: 1,
  sent: 8,
  parts: 9,
  delivered: 6,
  read: 4,
  clicked: 2,
  replied: 1,
  unsubscribed: 0,
  converted: null,
  cost: 0.4,
  ...more,
});

test('the name of an arm stands once over its channels', () => {
  const rows = rowsOf([cell('a', 'push'), cell('a', 'sms'), cell('b', 'sms')]);
  expect(rows.map((one) => [one.key, one.span])).toEqual([
    ['a/push', 2],
    ['a/sms', 0],
    ['b/sms', 1],
  ]);
});

test('cells together are their sums, and what is unknown of one is unknown of all', () => {
  const whole = sumOf([cell('a', 'push', { converted: 3 }), cell('b', 'sms', { converted: 4 })]);
  expect([whole.planned, whole.clicked, whole.converted, whole.cost]).toEqual([20, 4, 7, 0.8]);
  expect(sumOf([cell('a', 'sms'), cell('b', 'sms', { cost: null })]).cost).toBeNull();
  expect(sumOf([cell('a', 'sms')]).converted).toBeNull();
});

const group = (kind: string, channel: string, count: number, may_have_arrived = false): FailureGroup => ({
  kind,
  zh: kind,
  en: kind,
  channel,
  may_have_arrived,
  count,
  mended: 1,
  barred: 2,
});

test('failures of a kind stand together, and what may have arrived stands last', () => {
  const kinds = kindsOf([
    group('outcome_unknown', 'sms', 90, true),
    group('recipient', 'sms', 5),
    group('config', 'sms', 7),
    group('recipient', 'push', 4),
  ]);
  expect(kinds.map((one) => [one.kind, one.count, one.isDoubtful])).toEqual([
    ['recipient', 9, false],
    ['config', 7, false],
    ['outcome_unknown', 90, true],
  ]);
  expect(kinds[0]).toMatchObject({ channels: ['sms', 'push'], mended: 2, barred: 4 });
});

test('every kind of failure has its remedy; a word of a provider has one too', () => {
  expect(fixOf('recipient')).toBe('dead_fix_recipient');
  expect(fixOf('http_503')).toBe('dead_fix_other');
  expect(['config', 'quota', 'http_503'].map(isOfAccount)).toEqual([true, true, true]);
  expect(['recipient', 'consent', 'outcome_unknown'].some(isOfAccount)).toBe(false);
});

const TRIED: Rehearsed = {
  since: '2026-10-23T00:00:00+08:00',
  basis: 'history',
  events: 9,
  entered: 5,
  walked: 5,
  waiting: [{ step: 'wait', n: 2 }],
  done: [
    { step: 'welcome', result: 'sent', n: 5 },
    { step: 'wait', result: 'came', n: 1 },
    { step: 'wait', result: 'timed_out', n: 2 },
    { step: 'call', result: 'opened', n: 1 },
    { step: 'end', result: 'exit:too late', n: 2 },
    { step: 'won', result: 'goal:done', n: 1 },
  ],
};

test('a rehearsal comes to messages, tasks, and who is where', () => {
  expect(comesTo(TRIED)).toEqual({ sent: 5, opened: 1, waiting: 2, ended: 3 });
  const passes = passesOf(asWhere(TRIED));
  expect([passes.get('start'), passes.get('wait'), passes.get('end')]).toEqual([5, 3, 2]);
  expect(passesOf(null).size).toBe(0);
});

test('what is done stands in the order of the drawing', () => {
  const node = (id: string, row: number) => ({ id, kind: 'send', zh: '', en: '', note: '', row, column: 0 });
  const graph = { nodes: [node('end', 3), node('welcome', 1), node('wait', 2)], edges: [] };
  const steps = inOrder([...TRIED.done].reverse(), graph).map((one) => one.step);
  expect(steps).toEqual(['welcome', 'wait', 'wait', 'end', 'won', 'call']);
});

test('a result is told apart from what follows its colon, which may hold more of them', () => {
  expect(partsOf('went:guide')).toEqual({ name: 'went', to: 'guide' });
  expect(partsOf('exit:a: b')).toEqual({ name: 'exit', to: 'a: b' });
  expect(partsOf('sent')).toEqual({ name: 'sent', to: null });
  expect(partsOf('odd:word')).toEqual({ name: 'odd:word', to: null });
});

test('days are counted back over the ends of months', () => {
  expect(daysAgo(30, new Date(2026, 10, 22))).toBe('2026-10-23');
  expect(daysAgo(0, new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
});

test('only a number or a mailbox is for people to write down', () => {
  const at = (channel: string, identity_id: string | null = 'i') => ({ channel, identity_id }) as Failure;
  expect(['sms', 'voice', 'email', 'wechat', 'push', 'chat'].filter((one) => isCorrectable(at(one)))).toEqual([
    'sms',
    'voice',
    'email',
  ]);
  expect(isCorrectable(at('sms', null))).toBe(false);
});

test('what several calls sent again and left is told as one', () => {
  const why = (reason: string, n: number) => ({ reason, count: n, zh: reason, en: reason });
  const whole: Replayed = { queued: 0, left: [], next: null };
  addTo(whole, { queued: 3, left: [why('refused', 2)], next: 'b' });
  addTo(whole, { queued: 1, left: [why('refused', 1), why('blocked', 4)], next: null });
  expect(whole).toEqual({ queued: 4, left: [why('refused', 3), why('blocked', 4)], next: null });
});
