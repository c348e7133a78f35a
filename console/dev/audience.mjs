// The audiences of the fake house: a small language, and counts that follow from the conditions.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const WORD = ['in', 'known', 'not_in', 'unknown'];
const LEVEL = ['at_least', 'at_most', ...WORD];
const NUMBER = ['above', 'at_least', 'at_most', 'below', 'known', 'unknown'];
const MOMENT = ['known', 'not_within', 'unknown', 'within'];
const field = (name, type, zh, en, is, unit = '') => ({ field: name, type, zh, en, unit, is });
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
    field('layer', 'word', 'RFM 分层', 'RFM layer', WORD),
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
    this.named = [
      {
        id: randomUUID(),
        name: '沉默的高净值客户',
        expression: {
          kind: 'all',
          of: [
            { kind: 'tier', field: 'layer', is: 'in', value: ['low_frequency_value'] },
            { kind: 'profile', field: 'last_trade_at', is: 'not_within', value: 30 },
          ],
        },
        sentence: both('RFM 分层是“低频价值”，且最近成交时间已超过30天的客户', 'Valuable clients who went silent'),
        author: '林晓',
        changed_at: house.now().toISOString(),
      },
    ];
  }

  handle(response, person, { method, parts: [, id], body }) {
    if (id === 'language') return reply(response, 200, LANGUAGE);
    if (id === 'count') return reply(response, 200, this.count(body.expression));
    if (method === 'GET') return reply(response, 200, { audiences: this.named });
    if (method !== 'POST') return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
    this.house.record('audience', body);
    const made = { id: randomUUID(), author: person.name, changed_at: this.house.now().toISOString(), ...body };
    this.named.push({ ...made, sentence: say(body.expression) });
    return reply(response, 201, { id: made.id });
  }

  count(expression) {
    const count = Math.round(TOTAL * partOf(expression));
    return { count, total: TOTAL, sentence: say(expression), sample: count ? SAMPLE : [] };
  }
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
