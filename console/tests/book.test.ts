import { describe, expect, test } from 'vitest';
import SHIPPED from '../dev/tier.json';
import type { Column, Look } from '../src/desk/api/importing.ts';
import type { ClientRecord } from '../src/desk/api/merge.ts';
import type { Rules, TierRun } from '../src/desk/api/tier.ts';
import { clock, lineOf, monthOf, partsOf, rangeOf, readText, weeksOf } from '../src/desk/calendar/month.ts';
import { problemsOf, samplesOf, withColumn } from '../src/desk/importing/mapping.ts';
import { chosenWith, differs } from '../src/desk/merge/record.ts';
import { placeOf, saidOf } from '../src/desk/tier/label.ts';
import { barsOf, changesOf, faultsOf, freeCode, moved, progressOf, standOf } from '../src/desk/tier/rules.ts';
import { makeWords } from '../src/desk/words/words.tsx';

const RULES = SHIPPED as unknown as Rules;
const words = makeWords('zh');
const changed = (change: (rules: Rules) => void): Rules => {
  const copy = structuredClone(RULES);
  change(copy);
  return copy;
};
const said = (after: Rules): string[] =>
  changesOf(RULES, after).map((one) => `${placeOf(one, [after, RULES], words)}：${saidOf(one, [after, RULES], words)}`);

describe('what differs between two versions of the rules', () => {
  test('is said by its place, in the units that people use', () => {
    expect(said(RULES)).toEqual([]);
    const after = changed((rules) => {
      rules.stage.silent_days = 45;
      rules.layers[1]!.churn_from = 0.6;
      rules.layers[0]!.frequency = [3, 5];
      rules.churn[1]!.at_least = 0.25;
      rules.credit.risk[0]!.at_least = 0.8;
      rules.scores.recency = 'last_active_at';
      rules.assets[0]!.at_least = 2_000_000;
    });
    expect(said(after)).toEqual([
      '评分口径 · 近度：最近一次交易 → 最近一次活跃',
      '分层条件 · 高净值活跃 · 频度：4–5 → 3–5',
      '分层条件 · 流失风险 · 流失风险不低于：50% → 60%',
      '资产分档 · 核心 · 不低于：1,000,000 → 2,000,000',
      '两融分类 · 风险 · 高风险 · 不低于：70% → 80%',
      '生命周期 · 多少天未活跃为沉默期：30 → 45',
      '流失原因 · 大额亏损（回撤超过20%） · 不低于：20% → 25%',
    ]);
  });

  test('an entry that comes, goes or moves is told by its name', () => {
    const after = changed((rules) => {
      rules.layers = moved(rules.layers, 3, -1).filter(({ name }) => name !== 'churn_risk');
      rules.assets.splice(1, 0, { name: 'gold', zh: '黄金', en: 'gold', at_least: 500_000 });
    });
    const lines = said(after);
    expect(lines).toContain('资产分档 · 黄金：新增“黄金”');
    expect(lines).toContain('分层条件 · 流失风险：删除“流失风险”');
    expect(lines).toContain(
      '分层条件 · 先后次序：高净值活跃、低频价值、潜力增长、普通 → 高净值活跃、潜力增长、低频价值、普通',
    );
  });
});

describe('rules that cannot be kept', () => {
  const words = (section: Parameters<typeof faultsOf>[0], change: (rules: Rules) => void): string[] =>
    faultsOf(section, changed(change)).map(({ word }) => word);
  test('are told before they are handed in', () => {
    for (const section of Object.keys(RULES) as (keyof Rules)[]) expect(faultsOf(section, RULES)).toEqual([]);
    expect(words('assets', (rules) => (rules.assets[1]!.at_least = 2e6))).toEqual(['tier_wrong_bands']);
    expect(words('assets', (rules) => rules.assets.splice(1))).toEqual(['tier_wrong_bands']);
    expect(words('layers', (rules) => (rules.layers[0]!.zh = ' '))).toEqual(['tier_wrong_name']);
    expect(words('layers', (rules) => (rules.layers[4]!.recency = [2, 5]))).toEqual(['tier_wrong_last']);
    expect(words('layers', (rules) => rules.layers.reverse())).toEqual(['tier_wrong_last']);
    expect(words('churn', (rules) => (rules.churn[0]!.name = 'large_loss'))).toContain('tier_wrong_code');
    expect(words('stage', (rules) => (rules.stage.new_days = NaN))).toEqual(['tier_wrong_number']);
  });

  test('a new entry has a code of its own', () => {
    expect(freeCode([{ name: 'layer_3', zh: '', en: '' }], 'layer')).toBe('layer_2');
    expect(freeCode([{ name: 'layer_2', zh: '', en: '' }], 'layer')).toBe('layer_3');
  });
});

describe('a computation of tiers', () => {
  const run = (more: Partial<TierRun>): TierRun => ({
    ...{ id: '1', person: null, state: 'done', step: 'done', version: 0, clients: 4, changed: 0 },
    ...{ layers: { churn_risk: 1, old_layer: 3 }, moves: [], at: '2026-11-22T01:00:00Z', ended_at: null },
    ...more,
  });
  test('its layers stand in the order of the rules, what they no longer have at the end', () => {
    const bars = barsOf(run({}), run({ layers: { churn_risk: 3, ordinary: 1 } }), RULES.layers);
    expect(bars.map(({ name }) => name)).toEqual([...RULES.layers.map(({ name }) => name), 'old_layer']);
    expect(bars[1]).toEqual({ name: 'churn_risk', clients: 1, share: 0.25, change: -2 });
    expect(bars[4]?.change).toBe(-1);
    expect(barsOf(run({ layers: {} }), null, RULES.layers)[0]).toMatchObject({ share: 0, change: null });
  });

  test('one that began long ago and never ended was cut off', () => {
    const begun = run({ state: 'running', step: 'score' });
    const at = Date.parse(begun.at);
    expect([standOf(begun, at + 60_000), standOf(begun, at + 3_600_000)]).toEqual(['running', 'failed']);
    expect(standOf(run({}), at + 3_600_000)).toBe('done');
    expect([progressOf({ ...begun, step: 'count' }), progressOf(begun), progressOf(run({}))]).toEqual([5, 55, 100]);
  });
});

describe('a trading calendar', () => {
  const day = (text: string) => ({
    ...{ day: text, sessions: [], is_trading: true, has_night: false, ground: 'none' as const, source: null },
    holiday: null,
  });
  test('a month stands in weeks from Monday to Sunday', () => {
    const days = Array.from({ length: 30 }, (_, n) => day(`2026-11-${String(n + 1).padStart(2, '0')}`));
    const weeks = weeksOf(days);
    expect(weeks.map((week) => week.map((one) => (one ? Number(one.day.slice(8)) : 0)).join())).toEqual([
      '0,0,0,0,0,0,1',
      '2,3,4,5,6,7,8',
      '9,10,11,12,13,14,15',
      '16,17,18,19,20,21,22',
      '23,24,25,26,27,28,29',
      '30,0,0,0,0,0,0',
    ]);
    expect(weeksOf([])).toEqual([]);
  });

  test('months turn over the year and stay within what is known', () => {
    expect([monthOf('2026-12', 1), monthOf('2026-01-31', -1), monthOf('2099-12', 1), monthOf('2000-01', -1)]).toEqual([
      ...['2027-01', '2025-12', '2099-12', '2000-01'],
    ]);
  });

  test('a day is its sessions and the breaks between them; a night ends on the next day', () => {
    const parts = partsOf(['21:00-02:30', '09:00-10:15', '10:30-11:30', '13:30-15:00']);
    expect(parts.map(({ kind, start, end }) => `${kind} ${clock(start)} ${clock(end)}`)).toEqual([
      'morning 09:00 10:15',
      'pause 10:15 10:30',
      'morning 10:30 11:30',
      'lunch 11:30 13:30',
      'afternoon 13:30 15:00',
      'night 21:00 02:30',
    ]);
    expect(parts.at(-1)?.end).toBe(26 * 60 + 30);
  });

  test('the line that an error names is found in the text', () => {
    expect([lineOf('Line 3: day is a date.'), lineOf('This is no CSV.')]).toEqual([3, null]);
    const text = 'a\nbb\nccc';
    expect(text.slice(...rangeOf(text, 3))).toBe('ccc');
    expect(rangeOf(text, 9)).toEqual([expect.any(Number), expect.any(Number)]);
  });

  test('a file is read as UTF-8 or as Excel writes it in China, else not at all', async () => {
    expect(await readText(new Blob(['上期所\r\n公告']))).toBe('上期所\n公告');
    expect(await readText(new Blob([new Uint8Array([0xc9, 0xcf, 0xc6, 0xda, 0xcb, 0xf9])]))).toBe('上期所');
    expect(await readText(new Blob([new Uint8Array([0, 1, 2])]))).toBeNull();
  });
});

describe('a file of clients', () => {
  const columns: Column[] = [
    { name: 'client_no', zh: '客户号', en: 'client number', needed: true },
    { name: 'name', zh: '姓名', en: 'name', needed: false },
  ];
  const look: Look = {
    ...{ id: '1', header: ['a', 'b'], mapping: {}, rows: 4 },
    sample: [
      ['x', ''],
      ['x', ''],
      ['y', ''],
      ['z', ''],
    ],
  };
  test('shows different values of a column, not the empty ones', () => {
    expect([samplesOf(look, 'a'), samplesOf(look, 'b')]).toEqual([['x', 'y', 'z'], []]);
  });

  test('lacks what is needed, or has it twice', () => {
    const words = (mapping: Record<string, string>) =>
      problemsOf(mapping, columns).map(({ word, column }) => `${word} ${column.name}`);
    expect(words({})).toEqual(['import_missing client_no']);
    expect(words({ a: 'client_no', b: 'client_no' })).toEqual(['import_twice client_no']);
    expect(words(withColumn({ a: 'client_no', b: 'client_no' }, 'b', 'name'))).toEqual([]);
    expect(withColumn({ a: 'client_no' }, 'a', null)).toEqual({});
  });
});

describe('two records of a client', () => {
  const one = (id: string, more: Partial<ClientRecord> = {}) =>
    ({ id, name: '王**', phone: null, ...more }) as ClientRecord;
  test('differ where both say something else', () => {
    expect(differs('name', one('1'), one('2', { name: '赵**' }))).toBe(true);
    expect(differs('phone', one('1'), one('2', { phone: '138****8000' }))).toBe(false);
    expect(differs('client_no', one('1', { client_no: '1' }), one('2', { client_no: '2' }))).toBe(false);
  });

  test('two are chosen at most, and one that is chosen is let go', () => {
    const ids = (chosen: readonly ClientRecord[]): string => chosen.map(({ id }) => id).join('');
    expect(ids(chosenWith([one('1'), one('2')], one('3')))).toBe('23');
    expect(ids(chosenWith([one('1'), one('2')], one('1')))).toBe('2');
    expect(ids(chosenWith([], one('1')))).toBe('1');
  });
});
