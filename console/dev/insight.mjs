// The whole picture of clients of the fake house: tiers, consents, preferences. A client without a seed has none of it.
import { fail, reply } from './http.mjs';

const name = (code, zh, en) => ({ name: code, zh, en });
export const TIER = {
  ...{ recency: 4, frequency: 5, monetary: 4 },
  layer: name('active_high_value', '高净值活跃', 'active, high value'),
  asset_band: name('core', '核心', 'core'),
  frequency_band: name('high', '高频', 'often'),
  risk_band: name('middle', '稳健', 'balanced'),
  loyalty_band: name('loyal', '忠诚', 'loyal'),
  credit_risk: name('middle', '中风险', 'middle risk'),
  credit_term: name('short', '短线', 'short term'),
  credit_size: name('medium', '中等', 'medium'),
  credit_style: name('active', '主动型', 'active'),
  stage: name('mature', '成熟期', 'mature'),
  churn_risk: 0.35,
  churn_reasons: [
    name('large_loss', '大额亏损（回撤超过20%）', 'a large loss: drawdown above 20 %'),
    name('margin_strain', '保证金占用超过80%', 'margin in use above 80 %'),
  ],
  computed_at: '2026-11-22T18:30:00+00:00',
};
const rule = (zh, en, ...figures) => ({ zh, en, figures });
const WHY = {
  tiers: {
    layer: rule(
      '近度 4–5 分，频度 4–5 分，额度 4–5 分',
      'recency 4–5, frequency 4–5, value 4–5',
      ...['recency', 'frequency', 'monetary'],
    ),
    stage: rule(
      '入金或开户满 730 天',
      'funded 730 days ago or earlier',
      'opened_at',
      'first_deposit_at',
      'last_trade_at',
    ),
    asset_band: rule('资产不低于 1,000,000 元', 'assets at least ¥1,000,000', 'assets'),
    frequency_band: rule('近 90 天交易不低于 60 次', 'trades in 90 days at least 60', 'trades_90d'),
    risk_band: rule(
      '问卷等级、保证金占用与回撤合计不低于 2.5 分，低于 4.5 分',
      'points for answers, margin and drawdown at least 2.5, below 4.5',
      ...['risk_level', 'margin_usage', 'drawdown'],
    ),
    loyalty_band: rule(
      '开户年限、活跃与投诉合计不低于 60 分',
      'points for years, activity and complaints at least 60',
      ...['opened_at', 'last_active_at', 'complaints_90d'],
    ),
    credit_risk: rule('融资比例不低于 40%，低于 70%', 'financing ratio at least 40%, below 70%', 'financing_ratio'),
    credit_term: rule('平均持仓不足 30 天', 'holds for less than 30 days', 'holding_days'),
    credit_size: rule(
      '资产不低于 500,000 元，低于 5,000,000 元',
      'assets at least ¥500,000, below ¥5,000,000',
      'assets',
    ),
  },
  churn: {
    large_loss: { figure: 'drawdown', weight: 0.25 },
    margin_strain: { figure: 'margin_usage', weight: 0.1 },
  },
};
const FIGURES = {
  ...{ assets: 1_203_400.55, margin_usage: 0.82, risk_ratio: 0.6, drawdown: 0.231, financing_ratio: 0.45 },
  ...{ trades_90d: 72, turnover_90d: 8_640_000, holding_days: 12.4, deposits: 9, complaints_90d: 0 },
  ...{ opened_at: '2021-03-08T02:00:00+00:00', first_deposit_at: '2021-03-10T03:00:00+00:00' },
  ...{ last_trade_at: '2026-11-20T06:41:00+00:00', last_active_at: '2026-11-22T01:20:00+00:00' },
};
const WISHES = [
  { category: 'marketing', channel: 'wechat', weight: 100, origin: 'stated' },
  { category: 'marketing', channel: 'sms', weight: -1, origin: 'stated' },
  { category: 'service', channel: 'chat', weight: 78, origin: 'learned' },
];
const RESPONSES = [
  {
    channel: 'wechat',
    sent: 12.4,
    answered: 8.1,
    failed: 0,
    last_inbound_at: '2026-11-22T01:20:00+00:00',
    rate: 0.632,
  },
  { channel: 'sms', sent: 6, answered: 0.4, failed: 1.2, last_inbound_at: null, rate: 0.152 },
];
const TAGS = [
  { tag: '股指期货', source: 'import', at: '2026-11-01T00:00:00+00:00', expires_at: null },
  { tag: '讲座报名', source: 'journey:x', at: '2026-11-18T00:00:00+00:00', expires_at: '2026-12-18T00:00:00+00:00' },
];
const said = (identity, channel, category, state, source, at, person = null, note = null) => ({
  ...{ identity_id: identity, channel, account: 'demo', category, state, source, at, person, note },
});
const WORDS = [
  said('i-wechat', 'wechat', 'marketing', 'yes', 'chat:1', '2026-05-12T09:31:00+08:00'),
  said('i-sms', 'sms', 'marketing', 'no', 'link:2', '2026-11-20T20:02:00+08:00'),
];

export class Insights {
  constructor(house, identities) {
    this.house = house;
    this.identities = identities;
    this.tier = TIER;
    this.why = WHY;
    this.tags = TAGS;
    this.wishes = structuredClone(WISHES);
    this.words = structuredClone(WORDS);
    this.fault = false;
  }

  handle(response, person, { id, act, body }) {
    if (this.fault) return fail(response, 503, 'unavailable', '数据库暂时不可用。', 'The database is not there.');
    if (act === 'consents') return this.record(response, person, id, body);
    if (act === 'preferences') {
      this.house.record('wish', { client: id, ...body });
      const stated = Object.entries(body.weights).map(([channel, weight]) => ({
        ...{ category: body.category, channel, weight, origin: 'stated' },
      }));
      this.wishes = [...this.wishes.filter((one) => one.category !== body.category), ...stated];
      return reply(response, 200, { ok: true });
    }
    return reply(response, 200, {
      ...{ figures: FIGURES, tier: this.tier, why: this.tier && this.why, tags: this.tags },
      ...{ consents: this.words, preferences: this.wishes, responses: this.tags.length ? RESPONSES : [] },
    });
  }

  record(response, person, id, body) {
    this.house.record('consent', { client: id, by: person.login, ...body });
    const at = body.said_at ?? this.house.now().toISOString();
    for (const one of this.identities) {
      if (body.identity ? body.identity !== one.id : ![one.channel, 'all'].includes(body.channel)) continue;
      const known = this.words.find((word) => word.identity_id === one.id && word.category === body.category);
      if (known && known.at > at) continue;
      this.words = this.words.filter((word) => word !== known);
      const { category, value, source, note } = body;
      const word = said(one.id, one.channel, category, value, `${source}:${this.words.length}`, at, person.name, note);
      this.words.push({ ...word, account: one.account });
    }
    return reply(response, 201, { consents: this.words });
  }
}
