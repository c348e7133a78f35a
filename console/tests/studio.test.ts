import { expect, test } from 'vitest';
import type { AudienceLanguage } from '../src/desk/api/audience.ts';
import type { Blank, Finding, Results } from '../src/desk/api/campaign.ts';
import type { Notice } from '../src/desk/api/notice.ts';
import { asGroup, beginWith, compareWith, isComplete, subjectOf } from '../src/desk/audience/expression.ts';
import { meantOf, settledOf } from '../src/desk/campaign/campaign.ts';
import { NEW_DRAFT, problemOf, toLocal, toMoment } from '../src/desk/campaign/draft.ts';
import { askedOf, findingsOf, ofClientIn, readValue, showValue, toAsk, withValue } from '../src/desk/campaign/value.ts';
import { byTimeLeft, inUnits } from '../src/desk/coverage/notice.ts';
import { inLanguage, layOut } from '../src/desk/journey/flow.ts';

const LANGUAGE: AudienceLanguage = {
  profile: [
    {
      field: 'risk_level',
      type: 'level',
      zh: '风险等级',
      en: 'risk',
      unit: '',
      is: ['at_least', 'in', 'known'],
      words: [],
    },
    { field: 'drawdown', type: 'real', zh: '回撤', en: 'drawdown', unit: '%', is: ['above', 'at_least'], words: [] },
  ],
  tier: [{ field: 'layer', type: 'word', zh: '分层', en: 'layer', unit: '', is: ['in', 'known'], words: [] }],
  events: [{ type: 'login', zh: '登录', en: 'login' }],
  channels: [{ channel: 'sms', zh: '短信', en: 'SMS' }],
  operators: {},
};

test('a condition begins as something that its field takes, and says what it is about', () => {
  for (const subject of [
    'profile:risk_level',
    'profile:drawdown',
    'tier:layer',
    'event:login',
    'tag',
    'consent',
    'channel',
  ])
    expect(subjectOf(beginWith(subject, LANGUAGE))).toBe(subject);
  expect(beginWith('profile:drawdown', LANGUAGE)).toEqual({
    kind: 'profile',
    field: 'drawdown',
    is: 'at_least',
    value: 0.8,
  });
  expect(compareWith(LANGUAGE.profile[0], 'known')).toEqual({ is: 'known' });
});

test('an audience is complete once every condition in it says something', () => {
  const words = { kind: 'tier', field: 'layer', is: 'in', value: [] as string[] } as const;
  expect(isComplete(words)).toBe(false);
  expect(isComplete({ kind: 'not', of: { ...words, value: ['ordinary'] } })).toBe(true);
  expect(isComplete({ kind: 'all', of: [] })).toBe(false);
  expect(
    isComplete({
      kind: 'any',
      of: [
        { kind: 'tag', any: ['a'] },
        { kind: 'tag', any: [] },
      ],
    }),
  ).toBe(false);
  expect(isComplete({ kind: 'profile', field: 'x', is: 'known' })).toBe(true);
  expect(isComplete({ kind: 'profile', field: 'x', is: 'at_least', value: 0 })).toBe(true);
  expect(asGroup({ kind: 'channel', channel: 'sms' })).toEqual({
    kind: 'all',
    of: [{ kind: 'channel', channel: 'sms' }],
  });
});

test('what keeps a draft from being saved is said for the step where it is', () => {
  const whole = { ...NEW_DRAFT, name: 'x', content_id: 'c', channels: ['sms'] };
  expect(problemOf('content', NEW_DRAFT)).toBe('campaign_nameMissing');
  expect(problemOf('content', { ...NEW_DRAFT, name: 'x' })).toBe('campaign_contentMissing');
  expect(problemOf('plan', { ...whole, channels: [] })).toBe('campaign_channelMissing');
  expect(problemOf('plan', { ...whole, schedule: { kind: 'once', at: '' } })).toBe('schedule_missing');
  for (const step of ['content', 'audience', 'plan', 'review'] as const) expect(problemOf(step, whole)).toBeNull();
  expect(toLocal(toMoment('2026-12-01T10:00'))).toBe('2026-12-01T10:00');
});

const blank = (name: string, more: Partial<Blank> = {}): Blank => ({
  name,
  zh: name,
  en: name,
  kind: 'text',
  source: 'campaign',
  is_needed: false,
  ...more,
});
const finding = (grade: Finding['grade'], step: Finding['step'], zh: string): Finding => ({
  grade,
  step,
  field: null,
  zh,
  en: zh,
});

test('a campaign is asked for what its content names and nobody else fills, the needed first', () => {
  const fields = [
    blank('place'),
    blank('manager', { source: 'client', is_needed: true }),
    blank('topic', { is_needed: true }),
    blank('brand', { source: 'house', is_needed: true }),
  ];
  const checked = { findings: [], fields, count: null, total: null };
  expect(askedOf(checked).map((one) => one.name)).toEqual(['topic', 'place']);
  expect(ofClientIn(checked).map((one) => one.name)).toEqual(['manager']);
  expect(askedOf(null)).toEqual([]);
});

test('what is typed becomes a value of its kind, and what is empty is taken back', () => {
  expect(readValue('number', '30')).toBe(30);
  expect(readValue('text', ' ')).toBeNull();
  expect(readValue('lines', '一\n\n二\n')).toEqual(['一', '二']);
  expect(showValue('lines', ['一', '二'])).toBe('一\n二');
  const at = readValue('moment', '2026-12-01T19:30');
  expect(showValue('moment', at ?? undefined)).toBe('2026-12-01T19:30');
  expect(showValue('text', undefined)).toBe('');
  expect(withValue({ topic: 'x', place: 'y' }, 'topic', null)).toEqual({ place: 'y' });
  expect(withValue({ place: 'y' }, 'topic', 'z')).toEqual({ place: 'y', topic: 'z' });
});

test('a finding is told at its step, at the last one all of them, the worst first', () => {
  const findings = [
    finding('note', 'plan', '提示'),
    finding('missing', 'content', '缺少'),
    finding('wrong', 'plan', '有错'),
  ];
  const checked = { findings, fields: [], count: null, total: null };
  const said = (step: Parameters<typeof findingsOf>[0]): string[] => findingsOf(step, checked).map((one) => one.zh);
  expect(said('content')).toEqual(['缺少']);
  expect(said('plan')).toEqual(['有错', '提示']);
  expect(said('review')).toEqual(['有错', '缺少', '提示']);
  expect(findingsOf('plan', null)).toEqual([]);
});

test('the audience is asked about where the plan needs it, and not before it is written to its end', () => {
  const whole = { ...NEW_DRAFT, name: ' x ', expression: { kind: 'tag' as const, any: ['a'] } };
  expect(toAsk(whole, 'plan')).toMatchObject({ name: 'x', expression: { kind: 'tag', any: ['a'] }, values: {} });
  expect(toAsk(whole, 'content').expression).toEqual({});
  expect(toAsk({ ...whole, expression: { kind: 'tag', any: [] } }, 'review').expression).toEqual({});
});

test('those held out or left out are not among those for whom a message is meant; what waits has not settled', () => {
  const counts = { suppressed: 20, withheld: 10, message_queued: 5, message_read: 30, message_failed: 2, sent: 30 };
  const results = { planned: 100, counts } as unknown as Results;
  expect(meantOf(results)).toBe(70);
  expect(settledOf(results)).toBe(32);
});

test('notices come by the time that is left, those without a limit last, the larger exposure first', () => {
  const notice = (id: string, reach_by: string | null, exposure = 0): Notice => ({ id, reach_by, exposure }) as Notice;
  const found = byTimeLeft([
    notice('none', null),
    notice('late', '2026-11-22T10:00:00Z'),
    notice('none-large', null, 9),
    notice('soon', '2026-11-22T09:00:00Z', 1),
    notice('soon-large', '2026-11-22T09:00:00Z', 5),
  ]);
  expect(found.map((one) => one.id)).toEqual(['soon-large', 'soon', 'late', 'none-large', 'none']);
  expect([inUnits(240), inUnits(1440), inUnits(90)]).toEqual([
    { n: 4, unit: 'hour' },
    { n: 1, unit: 'day' },
    { n: 90, unit: 'minute' },
  ]);
});

test('every way of a journey is drawn inside the drawing, also back and past rows, and to no step that is not there', () => {
  const node = (id: string, row: number, column = 0) => ({ id, kind: 'wait', zh: id, en: id, note: '', row, column });
  const flow = layOut({
    nodes: [node('a', 0), node('b', 1), node('c', 1, 1), node('d', 2)],
    edges: [
      { from: 'a', to: 'b', words: '' },
      { from: 'a', to: 'c', words: '' },
      { from: 'a', to: 'd', words: '否则 · otherwise' },
      { from: 'd', to: 'a', words: '' },
      { from: 'd', to: 'nowhere', words: '' },
    ],
  });
  expect(flow.arrows).toHaveLength(4);
  const places = flow.arrows.flatMap(({ path }) => [...path.matchAll(/-?\d+(\.\d+)?/g)].map(([n]) => Number(n)));
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...places)).toBeLessThanOrEqual(Math.max(flow.width, flow.height));
  const boxes = flow.boxes.map(({ x, y }) => `${x},${y}`);
  expect(new Set(boxes).size).toBe(4);
  expect(inLanguage('否则 · otherwise', 'zh')).toBe('否则');
  expect(inLanguage('否则 · otherwise', 'en')).toBe('otherwise');
  expect(inLanguage('x > 1', 'zh')).toBe('x > 1');
});
