// The audiences of the fake house: a small language, and counts that follow from the conditions.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const WORD = ['in', 'known', 'not_in', 'unknown'];
const LEVEL = ['at_least', 'at_most', ...WORD];
const NUMBER = ['above', 'at_least', 'at_most', 'below', 'known', 'unknown'];
const MOMENT = ['known', 'not_within', 'unknown', 'within'];
const field = (name, type, zh, en, is, unit = '', words = []) => ({ field: name, type, zh, en, unit, is, words });
const word = (name, zh, en) => ({ word: name, zh, en });
const event = (type, zh, en) => ({ type, zh, en });
const both = (zh, en) => ({ zh, en });

export const LANGUAGE = {
  profile: [
    field('risk_level', 'level', '风险等级', 'risk level', LEVEL),
    field('assets', 'number', '资产', 'assets', NUMBER, 'CNY'),
    field('margin_usage', 'real', '保证金占用比例', 'margin in use', NUMBER, '%'),
    field('instruments', 'words', '交易品种', 'instruments', ['has_any', 'has_none', 'known', 'unknown']),
    field('last_trade_at', 'moment', '最近成交时间', 'last trade', MOMENT),
  ],
  tier: [
    field('layer', 'word', 'RFM 分层', 'RFM layer', WORD, '', [
      word('active_high_value', '高净值活跃', 'active, high value'),
      word('low_frequency_value', '低频价值', 'valuable, seldom trading'),
    ]),
    field('churn_risk', 'real', '流失风险', 'churn risk', NUMBER, '%'),
  ],
  events: [
    event('deposit_settled', '入金到账', 'deposit settled'),
    event('login', '登录', 'login'),
    event('complaint', '投诉', 'complaint'),
  ],
  channels: [
    { channel: 'push', zh: 'APP 推送', en: 'push' },
    { channel: 'sms', zh: '短信', en: 'SMS' },
    { channel: 'wechat', zh: '微信', en: 'WeChat' },
    { channel: 'email', zh: '邮件', en: 'e-mail' },
  ],
  operators: {
    in: both('是{}', 'is {}'),
    not_in: both('不是{}', 'is not {}'),
    has_any: both('包含{}', 'includes {}'),
    has_none: both('不包含{}', 'includes none of {}'),
    at_least: both('不低于{}', 'is at least {}'),
    at_most: both('不高于{}', 'is at most {}'),
    above: both('高于{}', 'is above {}'),
    below: both('低于{}', 'is below {}'),
    within: both('在最近{}天内', 'was within the last {} days'),
    not_within: both('已超过{}天', 'was {} or more days ago'),
    known: both('有记录', 'is known'),
    unknown: both('无记录', 'is not known'),
  },
};
const TOTAL = 1_000_000;
const SAMPLE = ['王**', '赵**', '欧阳**', '孙**', '李**'].map((name, n) => ({
  client_no: `6001****${n}`,
  name,
  risk_level: `C${(n % 5) + 1}`,
  manager: ['周航', '吴敏'][n % 2],
}));

export class Audiences {
  constructor(house) {
    this.house = house;
    const silent = { kind: 'profile', field: 'last_trade_at', is: 'not_within', value: 30 };
    const valuable = { kind: 'tier', field: 'layer', is: 'in', value: ['low_frequency_value'] };
    const name = '沉默的高净值客户';
    const row = { id: randomUUID(), versions: [] };
    this.write(row, { name: '何静' }, { name, expression: { kind: 'all', of: [silent] } });
    this.write(row, { name: '林晓' }, { name, expression: { kind: 'all', of: [valuable, silent] } });
    this.named = [row];
  }

  handle(response, person, { method, parts: [, id], body }) {
    if (id === 'language') return reply(response, 200, LANGUAGE);
    if (id === 'count') return reply(response, 200, this.count(body.expression));
    if (id) return this.one(response, person, { method, id, body });
    if (method === 'GET') return reply(response, 200, { audiences: this.named.map(({ versions: _, ...one }) => one) });
    this.house.record('audience', body);
    if (this.named.some((one) => one.name === body.name)) return taken(response, body.name);
    const made = { id: randomUUID(), versions: [] };
    this.named.push(this.write(made, person, body));
    return reply(response, 201, { id: made.id });
  }

  one(response, person, { method, id, body }) {
    const row = this.named.find((one) => one.id === id);
    if (!row) return fail(response, 404, 'not_found', '没有这个人群。', 'There is no such audience.');
    const { versions, ...audience } = row;
    if (method === 'GET') return reply(response, 200, { audience, versions });
    this.house.record('audience', { method, ...body });
    if (method === 'DELETE') this.named = this.named.filter((one) => one !== row);
    else if (this.named.some((one) => one !== row && one.name === body.name)) return taken(response, body.name);
    else this.write(row, person, body);
    return reply(response, 200, { ok: true });
  }

  /** Let an audience say something, and remember that it did. */
  write(row, person, { name, expression }) {
    const at = new Date(this.house.now().getTime() + row.versions.length).toISOString();
    const said = { name, expression, sentence: say(expression), author: person.name };
    row.versions.unshift({ at, ...said });
    return Object.assign(row, said, { changed_at: at });
  }

  count(expression) {
    const count = Math.round(TOTAL * partOf(expression));
    return { count, total: TOTAL, sentence: say(expression), sample: count ? SAMPLE : [] };
  }
}

function taken(response, name) {
  return fail(response, 409, 'conflict', `已有名为“${name}”的人群，请换一个名称。`, 'There is one of this name.');
}

function partOf(one) {
  if (one.kind === 'all') return one.of.reduce((part, inner) => part * partOf(inner), 1);
  if (one.kind === 'any') return 1 - one.of.reduce((part, inner) => part * (1 - partOf(inner)), 1);
  if (one.kind === 'not') return 1 - partOf(one.of);
  if (one.kind === 'tag') return one.any.includes('没有人') ? 0 : 0.08;
  return { profile: 0.43, tier: 0.21, event: 0.35, consent: 0.62, channel: 0.7, campaign: 0.1 }[one.kind];
}

export function say(one) {
  const zh = sayZh(one);
  return both(`${zh}的客户`, `Clients: ${JSON.stringify(one).slice(0, 60)}`);
}

function sayZh(one) {
  if (one.kind === 'all' || one.kind === 'any')
    return one.of
      .map((inner) => (inner.of && inner.kind !== 'not' ? `（${sayZh(inner)}）` : sayZh(inner)))
      .join(one.kind === 'all' ? '，且' : '，或');
  if (one.kind === 'not') return `非（${sayZh(one.of)}）`;
  if (one.kind === 'tag') return `标签含${one.any.map((tag) => `“${tag}”`).join('、')}`;
  if (one.kind === 'event') return `近${one.days}天${one.type}次数不低于${one.count}`;
  if (one.kind === 'consent') return '同意接收营销消息';
  if (one.kind === 'channel') return `可通过${one.channel}联系`;
  const known = [...LANGUAGE.profile, ...LANGUAGE.tier].find((each) => each.field === one.field);
  return `${known?.zh ?? one.kind}${(LANGUAGE.operators[one.is]?.zh ?? '').replace('{}', String(one.value ?? ''))}`;
}
