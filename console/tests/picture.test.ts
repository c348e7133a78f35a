import { describe, expect, test } from 'vitest';
import type { ClientTier, ConsentWord, Insight, Name, Preference } from '../src/desk/api/insight.ts';
import type { BoundIdentity } from '../src/desk/api/types.ts';
import {
  channelsOf,
  churnTone,
  creditOf,
  draftOf,
  effectsOf,
  figureOf,
  levelOf,
  mayMarket,
  placesOf,
  sourceOf,
  statedOf,
  weightsOf,
  type Filled,
} from '../src/desk/client/picture.ts';
import { makeWords } from '../src/desk/words/words.tsx';

const words = makeWords('zh');
const name = (zh: string): Name => ({ name: zh, zh, en: zh });
const tier: ClientTier = {
  ...{
    recency: 4,
    frequency: 5,
    monetary: 4,
    churn_risk: 0.35,
    churn_reasons: [],
    computed_at: '2026-11-22T18:30:00Z',
  },
  ...{ layer: name('高净值活跃'), asset_band: name('核心'), frequency_band: name('高频'), risk_band: name('稳健') },
  ...{ loyalty_band: name('忠诚'), stage: name('成熟期'), credit_risk: name('中风险'), credit_term: name('短线') },
  ...{ credit_size: name('中等'), credit_style: name('主动型') },
};
const identity = (id: string, channel: string): BoundIdentity => ({ id, channel, account: 'demo', bound_at: null });
const IDENTITIES = [identity('i-sms', 'sms'), identity('i-mail', 'email'), identity('i-mail2', 'email')];
const word = (
  identity_id: string,
  category: string,
  state: 'yes' | 'no',
  at = '2026-11-20T00:00:00Z',
): ConsentWord => ({
  ...{ identity_id, channel: 'sms', account: 'demo', category, state, source: 'link:1', at, person: null, note: null },
});
const insight: Insight = {
  figures: { assets: 1203400.55, margin_usage: 0.823, trades_90d: 72, holding_days: 12.44, opened_at: null },
  ...{ tier, why: null, tags: [], consents: [], preferences: [], responses: [] },
};
const filled = (more: Partial<Filled> = {}): Filled => ({
  ...{ where: 'all', category: 'marketing', value: 'yes', source: 'phone', note: ' 录音 7 ', saidAt: null },
  ...more,
});

describe('tiers in words', () => {
  test('the classes of margin trading are one line, and none without margin trading', () => {
    expect(creditOf(tier, 'zh')).toBe('中风险 · 短线 · 中等 · 主动型');
    const none = { ...tier, credit_risk: null, credit_term: null, credit_size: null, credit_style: null };
    expect(creditOf(none, 'zh')).toBeNull();
  });

  test('a churn risk is bad from a half on', () => {
    expect([0, 0.25, 0.49, 0.5].map(churnTone)).toEqual(['good', 'warn', 'warn', 'bad']);
  });

  test('figures are said in the units that people use, what is not known is a dash', () => {
    const said = (name: string): string => figureOf(name, insight, 'C3', words);
    expect(said('assets')).toBe('¥1,203,400.55');
    expect(said('margin_usage')).toBe('82.3%');
    expect(said('trades_90d')).toBe('72');
    expect(said('holding_days')).toBe('12.4');
    expect(said('recency')).toBe('4 / 5 分');
    expect(said('risk_level')).toBe('C3');
    expect(said('opened_at')).toBe('—');
    expect(said('drawdown')).toBe('—');
    expect(figureOf('risk_level', insight, null, words)).toBe('—');
  });
});

describe('consents', () => {
  const places = placesOf(IDENTITIES, [
    word('i-sms', 'marketing', 'yes'),
    word('i-sms', 'all', 'no'),
    word('i-mail', 'marketing', 'yes'),
    word('i-mail', 'newsletter', 'no'),
  ]);

  test('stand at their addresses, the one on everything first, unknown kinds last', () => {
    expect(places.map((one) => one.words.map(({ category }) => category))).toEqual([
      ['all', 'marketing'],
      ['marketing', 'newsletter'],
      [],
    ]);
  });

  test('only a yes lets marketing go, and a no to everything forbids it', () => {
    expect(places.map(mayMarket)).toEqual([false, true, false]);
  });

  test('how a word came is the beginning of its source', () => {
    expect([sourceOf('phone:0198'), sourceOf('import')]).toEqual(['phone', 'import']);
  });

  test('what follows is said before, with the addresses that stay barred', () => {
    expect(effectsOf(filled(), places, words)).toEqual([
      '短信、邮件：此后的营销活动和旅程可以发给这位客户。',
      '短信：客户拒绝了全部消息，仍不会发送，除非另记一条对“全部消息”的同意。',
    ]);
    expect(effectsOf(filled({ value: 'no', where: 'i-mail' }), places, words)).toEqual([
      '邮件：即刻停止营销，已排入活动而未发出的也不再发送。',
    ]);
    expect(effectsOf(filled({ value: 'no', category: 'all', where: 'channel:email' }), places, words)[0]).toMatch(
      /^邮件：即刻停止一切.*追加保证金/,
    );
    expect(effectsOf(filled({ category: 'all', where: 'i-sms' }), places, words)).toHaveLength(1);
    expect(effectsOf(filled({ category: 'service', where: 'i-mail' }), places, words)).toEqual([
      '邮件：可以发送服务消息。',
    ]);
  });

  test('a word older than what the client said since changes nothing there', () => {
    const old = filled({ value: 'no', saidAt: '2026-11-19T00:00:00Z' });
    const said = effectsOf(old, places, words);
    expect(said[0]).toBe('邮件：即刻停止营销，已排入活动而未发出的也不再发送。');
    expect(said.slice(1).map((one) => one.slice(0, 2))).toEqual(['短信', '邮件']);
    expect(said[1]).toContain('以较新的为准');
    expect(effectsOf({ ...old, saidAt: '2026-11-21T00:00:00Z' }, places, words)).toHaveLength(1);
  });

  test('the form becomes one address, a channel or all of them', () => {
    const rest = { category: 'marketing', value: 'yes', source: 'phone', note: '录音 7' };
    expect(draftOf(filled())).toEqual({ channel: 'all', ...rest });
    expect(draftOf(filled({ where: 'channel:email' }))).toEqual({ channel: 'email', ...rest });
    expect(draftOf(filled({ where: 'i-sms', saidAt: '2026-11-19T00:00:00Z' }))).toEqual({
      ...{ identity: 'i-sms', ...rest, said_at: '2026-11-19T00:00:00Z' },
    });
  });
});

describe('wishes', () => {
  const wish = (channel: string, weight: number, origin: Preference['origin'] = 'stated'): Preference => ({
    ...{ category: 'marketing', channel, weight, origin },
  });
  const known = [wish('sms', 100), wish('email', 30), wish('voice', -1), wish('chat', 80, 'learned')];

  test('come back as they were stated, what is learnt is not taken for stated', () => {
    expect(statedOf(known, 'marketing')).toEqual({ sms: 'first', email: 'also', voice: 'never' });
    expect(statedOf(known, 'service')).toEqual({});
    expect(weightsOf({ sms: 'first', email: 'also', push: 'open', voice: 'never' })).toEqual({
      ...{ sms: 100, email: 50, voice: -1 },
    });
    for (const weight of [100, 50, -1]) expect(Object.values(weightsOf({ sms: levelOf(weight) }))).toEqual([weight]);
  });

  test('name the channels where the client is known, and those that they named', () => {
    expect(channelsOf(IDENTITIES, known)).toEqual(['chat', 'sms', 'email', 'voice']);
  });
});
