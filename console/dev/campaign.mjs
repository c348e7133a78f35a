// The campaigns of the fake house: one under way, one that waits for approval, and what somebody makes of new ones.
import { randomUUID } from 'node:crypto';
import { say } from './audience.mjs';
import { fail, reply } from './http.mjs';
import { deedsOf } from './deed.mjs';
import { Letters } from './letter.mjs';

const MOVES = {
  draft: ['edit', 'submit', 'cancel'],
  review: ['approve', 'send_back', 'cancel'],
  approved: ['launch', 'cancel'],
  scheduled: ['cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
};
const AFTER = {
  submit: 'review',
  approve: 'approved',
  'send-back': 'draft',
  launch: 'running',
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
};
const REASONS = [
  ['suppressed', 'no_consent', 3820, '未同意接收', 'has not agreed to it'],
  ['suppressed', 'not_suitable', 1904, '风险等级低于内容要求', "below the content's risk level"],
  ['suppressed', 'over_cap', 611, '近期消息过多', 'got enough of late'],
  ['held', 'quiet_hours', 402, '免打扰时段，稍后发送', 'quiet hours; goes out later'],
  ['withheld', 'hold_out', 1200, '对照组，不发送', 'held out for comparison'],
  ['failed', 'recipient:43004', 57, '号码或地址无效', 'no valid address'],
];
const cell = (arm, channel, counts) => {
  const [planned, held, sent, delivered, read, clicked, replied, unsubscribed, cost] = counts;
  const done = { planned, held, sent, delivered, read, clicked, replied, unsubscribed };
  return { arm, channel, ...done, converted: null, cost };
};
const CELLS = [
  cell('a', 'push', [4120, 200, 3301, 2901, 1202, 402, 0, 2, 0]),
  cell('a', 'sms', [2113, 0, 2100, 950, 0, 30, 19, 9, 105]),
  cell('b', 'push', [4119, 202, 3301, 2901, 1198, 451, 0, 1, 0]),
  cell('b', 'sms', [2113, 0, 2100, 950, 0, 31, 19, 9, 105]),
];
const MARKETING = { id: 'p-market', name: '林晓' };
const EXPRESSION = {
  kind: 'all',
  of: [
    { kind: 'profile', field: 'risk_level', is: 'at_least', value: 'C4' },
    { kind: 'consent', category: 'marketing', is: 'yes', channel: null },
    {
      kind: 'any',
      of: [
        { kind: 'tag', any: ['期权'] },
        { kind: 'event', type: 'login', days: 30, is: 'at_least', count: 3 },
      ],
    },
  ],
};

export class Campaigns {
  constructor(house, contents, audiences) {
    Object.assign(this, { house, contents, audiences });
    this.letters = new Letters(house);
    const words = contents.rows.find((one) => one.key === 'options_lecture' && one.state === 'approved');
    const draft = {
      content_id: words.id,
      expression: EXPRESSION,
      channels: ['push', 'sms'],
      arms: { a: 1, b: 1 },
      hold_out: 0.1,
      schedule: { kind: 'now' },
      per_second: null,
      goal: 'click',
      not_after: null,
      values: { link: 'https://z.example/abc' },
    };
    this.rows = [
      this.make({ ...draft, name: '股指期权讲座邀请（12 月）' }, { state: 'running', planned: 20_000 }),
      this.make({ ...draft, name: '沉默客户唤醒：关注品种提醒', arms: { a: 1 }, hold_out: 0 }, { state: 'review' }),
    ];
  }

  make(draft, { state = 'draft', planned = 0, author = MARKETING } = {}) {
    const at = this.house.now().toISOString();
    return {
      ...draft,
      id: randomUUID(),
      state,
      author,
      planned,
      approver: state === 'running' ? '何静' : null,
      started_at: planned ? at : null,
      created_at: at,
    };
  }

  show(row, person) {
    const { id, key, title, state } = this.contents.rows.find((one) => one.id === row.content_id);
    return {
      repeat_of: null,
      starts_at: null,
      planned_at: null,
      ended_at: null,
      category: 'marketing',
      ...row,
      audience: say(row.expression),
      content: { id, key, title, state },
      why: null,
      author: row.author.name,
      deeds: deedsOf(MOVES, person, row.state, row.author.id),
    };
  }

  handle(response, person, { method, parts: [, id, act], body, query }) {
    if (!id && method === 'GET')
      return reply(response, 200, { campaigns: [...this.rows].reverse().map((one) => this.show(one, person)) });
    if (id === 'test-clients')
      return reply(response, 200, { clients: [{ id: 'c-60010001', client_no: '6001****1', name: '王**' }] });
    if (id === 'check') return reply(response, 200, this.check(body));
    if (!id) return this.create(response, person, body);
    const row = this.rows.find((one) => one.id === id);
    if (!row) return fail(response, 404, 'not_found', '没有这个活动。', 'There is no such campaign.');
    if (act === 'results') return reply(response, 200, this.results(row));
    if (act === 'breakdown') return reply(response, 200, { goal: row.goal, cells: row.planned ? CELLS : [] });
    if (['failures', 'failure-groups', 'replay', 'replay-all'].includes(act))
      return this.letters.handle(response, person, row, { act, body, query });
    if (act === 'recipients') return reply(response, 200, { recipients: this.recipients() });
    if (method === 'GET') return reply(response, 200, { campaign: this.show(row, person) });
    this.house.record('campaign', { method, act: act ?? null, body, by: person.login });
    if (act === 'copy') return this.create(response, person, { ...row, name: `${row.name} 副本` });
    if (act === 'test')
      return reply(response, 200, {
        sent: row.channels.map((channel) => ({
          client_id: body.client_ids[0],
          channel,
          outbox_id: channel === 'sms' ? null : randomUUID(),
          reason: channel === 'sms' ? 'no_address' : null,
        })),
      });
    if (method === 'PUT') Object.assign(row, body);
    const gap = act === 'submit' && this.check(row).findings.find((one) => one.grade !== 'note');
    if (gap) return fail(response, 400, 'invalid_input', gap.zh, gap.en);
    if (act) row.state = AFTER[act];
    if (act === 'approve') row.approver = person.name;
    const { count, total } = this.audiences.count(row.expression);
    return reply(response, 200, act === 'submit' ? { ok: true, count, total } : { ok: true });
  }

  check({ content_id, schedule, values = {} }) {
    const words = this.contents.rows.find((one) => one.id === content_id);
    const fields = this.contents.fieldsOf(words);
    const findings = fields
      .filter((one) => one.source === 'campaign' && one.is_needed && !values[one.name])
      .map((one) => ({
        grade: 'missing',
        step: 'content',
        field: one.name,
        zh: `内容需要填写“${one.zh}”（${one.name}）：请在活动中填写。`,
        en: `The content needs “${one.name}” (${one.en}): say it in the campaign.`,
      }));
    if (schedule?.kind === 'once' && Date.parse(schedule.at) < this.house.now().getTime())
      findings.push({
        grade: 'wrong',
        step: 'plan',
        field: null,
        zh: '发送时间已过，请选择将来的时间。',
        en: 'The schedule lies in the past.',
      });
    return { findings, fields, count: null, total: null };
  }

  create(
    response,
    person,
    { name, content_id, expression, channels, arms, hold_out, schedule, per_second, goal, not_after, values },
  ) {
    const draft = { name, content_id, expression, channels, arms, hold_out, schedule, per_second, goal, not_after };
    draft.values = values ?? {};
    this.house.record('campaign', { method: 'POST', act: null, body: draft, by: person.login });
    if (schedule.kind === 'once' && Date.parse(schedule.at) < this.house.now().getTime())
      return fail(response, 400, 'invalid_input', '发送时间已过，请选择将来的时间。', 'The schedule lies in the past.');
    const made = this.make(draft, { author: person });
    this.rows.push(made);
    return reply(response, 201, { id: made.id });
  }

  results({ state, planned }) {
    const none = { held: 0, suppressed: 0, withheld: 0, sent: 0 };
    if (!planned)
      return {
        state,
        planned,
        counts: none,
        channels: [],
        reasons: [],
        cost: null,
        test: { goal: 'click', arms: [], comparisons: [] },
      };
    return {
      state,
      planned,
      counts: {
        planned: 12_063,
        held: 402,
        suppressed: 6335,
        withheld: 1200,
        message_queued: 1204,
        message_accepted: 3100,
        message_delivered: 5302,
        message_read: 2400,
        message_failed: 57,
        sent: 10_802,
        delivered: 7702,
        read: 2400,
        clicked: 914,
        replied: 38,
        unsubscribed: 21,
      },
      channels: [
        { channel: 'push', counts: { queued: 1204, accepted: 800, delivered: 3402, read: 2400 } },
        { channel: 'sms', counts: { accepted: 2300, delivered: 1900, failed: 57 } },
      ],
      reasons: REASONS.map(([of, reason, count, zh, en]) => ({ state: of, reason, count, zh, en })),
      cost: 210,
      test: {
        goal: 'click',
        arms: [
          { arm: 'a', n: 5401, hits: 432, rate: 0.08, low: 0.0731, high: 0.0875 },
          { arm: 'b', n: 5401, hits: 482, rate: 0.0892, low: 0.0819, high: 0.0971 },
        ],
        comparisons: [
          {
            one: 'a',
            other: 'b',
            difference: -0.0092,
            p: 0.083,
            is_chance: true,
            zh: 'B 比 A 高 0.92 个百分点，但差别可能只是偶然（p = 0.083），还不能下结论。',
            en: 'B is 0.92 points above A, but that may be chance (p = 0.083): no conclusion yet.',
          },
        ],
      },
    };
  }

  recipients() {
    return Array.from({ length: 7 }, (_, n) => ({
      client_id: `c-${n}`,
      client_no: `6001****${n}`,
      name: '王**',
      state: 'suppressed',
      arm: null,
      channel: null,
      message: null,
      reason: 'no_consent',
      zh: '未同意接收',
      en: 'has not agreed to it',
      due_at: null,
    }));
  }
}
