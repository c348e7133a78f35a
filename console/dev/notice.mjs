// Critical notices of the fake house: who knows, who does not, the proof, and the table of urgencies.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const MINUTE = 60_000;
const rung = (channels, pick, wait, by) => ({ channels, pick, wait_minutes: wait, reached_by: by });
const ALL = ['chat', 'push', 'wechat', 'kf', 'email', 'sms'];
const CLEAR = ['read', 'link', 'press1'];
const POLICIES = {
  critical: {
    rungs: [rung(['push', 'sms'], 'all', 5, CLEAR), rung(['voice'], 'all', 5, CLEAR)],
    quiet: null,
    cap_per_day: null,
    consent: 'none',
    gather_minutes: 0,
    repeats_unknown: true,
    lasts_hours: 24,
    escalate: { kind: 'call', priority: 'critical', due_minutes: 10 },
  },
  high: plain('best', 15, 'delivered', { cap_per_day: 10, lasts_hours: 24 }),
  normal: plain('active', 240, 'delivered', { cap_per_day: 5, quiet: '22:00-08:00', lasts_hours: 72 }),
  low: {
    ...plain('cheapest', 1440, 'accepted', { cap_per_day: 1, quiet: '21:00-09:00', lasts_hours: 168 }),
    gather_minutes: 30,
  },
};

function plain(pick, wait, proof, more) {
  const rungs = Array.from({ length: pick === 'cheapest' ? 1 : 3 }, () =>
    rung(ALL, pick, wait, [proof, 'read', 'link']),
  );
  return {
    rungs,
    quiet: null,
    consent: 'no_refusal',
    gather_minutes: 0,
    repeats_unknown: false,
    escalate: null,
    ...more,
  };
}

export class Notices {
  constructor(house) {
    this.house = house;
    this.total = 412;
    this.policies = Object.entries(POLICIES).map(([urgency, policy]) => ({
      urgency,
      version: 0,
      policy: structuredClone(policy),
      default: policy,
      history: [],
    }));
    const names = ['王**', '赵**', '欧阳**', '孙**', '李**', '周**'];
    const states = ['escalated', 'in_progress', 'in_progress', 'open', 'unreached', 'in_progress'];
    this.rows = Array.from({ length: 17 }, (_, n) =>
      this.make({
        client: { id: `c-6001000${(n % 6) + 1}`, name: names[n % 6] },
        state: states[n % 6],
        left: 4 + n * 7 - (n === 0 ? 12 : 0),
        exposure: Math.round(3_860_000 / (n + 1)),
        next: states[n % 6] === 'open' ? 0 : 1,
      }),
    );
  }

  make({ client, state, left, exposure, next }) {
    const now = this.house.now().getTime();
    return {
      id: randomUUID(),
      client,
      category: 'risk',
      urgency: 'critical',
      source: 'client_event',
      topic: 'margin_call',
      content_key: 'margin_call',
      title: '追加保证金通知',
      exposure,
      state,
      reason: null,
      reached_how: null,
      reached_at: null,
      reach_by: new Date(now + left * MINUTE).toISOString(),
      next_rung: next,
      next_at: new Date(now + 2 * MINUTE).toISOString(),
      revision: 1,
      created_at: new Date(now - 6 * MINUTE).toISOString(),
      ended_at: null,
    };
  }

  handle(response, person, { method, parts: [area, id, act], body, query }) {
    if (area === 'urgency') return this.urgency(response, person, { method, id, body });
    if (!id) {
      const state = query.get('state');
      return reply(response, 200, { notices: this.rows.filter((one) => !state || one.state === state) });
    }
    if (id === 'coverage') return reply(response, 200, this.coverage());
    const row = this.rows.find((one) => one.id === id);
    if (!row) return fail(response, 404, 'not_found', '没有这条通知。', 'There is no such notice.');
    if (act === 'cancel') {
      this.house.record('notice', { id, act, ...body });
      Object.assign(row, { state: 'cancelled', reason: body.why, ended_at: this.house.now().toISOString() });
      return reply(response, 200, row);
    }
    return reply(response, 200, { ...row, messages: this.messages(row), proof: this.proof(row) });
  }

  coverage() {
    const live = this.rows.filter((one) => one.state !== 'cancelled').length;
    const total = this.total && this.total - (this.rows.length - live);
    return {
      total,
      reached: total - live,
      not_reached: live,
      by_state: { closed: total - live, in_progress: live },
      zh: '',
      en: '',
    };
  }

  messages(row) {
    const say = (channel, state, reason = null) => ({
      id: `${row.id}-${channel}`,
      rung: '0',
      channel,
      account: 'demo',
      state,
      reason,
      created_at: row.created_at,
      sending_at: row.created_at,
      ended_at: null,
    });
    return [say('push', 'delivered'), say('sms', 'failed', 'recipient'), say('voice', 'sending')];
  }

  proof(row) {
    const step = (seq, what, detail) => ({ seq, what, at: row.created_at, detail, hash: `${seq}f`.repeat(32) });
    return [
      step(1, 'raised', { revision: 1 }),
      step(2, 'called', { channel: 'push' }),
      step(3, 'called', { channel: 'sms' }),
      step(4, 'receipt', { channel: 'push', status: 'delivered' }),
    ];
  }

  urgency(response, person, { method, id, body }) {
    if (!id) return reply(response, 200, { urgencies: this.policies });
    const found = this.policies.find((one) => one.urgency === id);
    if (method === 'GET') return reply(response, 200, found);
    if (body.version !== found.version)
      return fail(response, 409, 'conflict', '该策略已被他人修改，请刷新后重试。', 'It was changed meanwhile.');
    this.house.record('urgency', { urgency: id, ...body, by: person.login });
    const at = this.house.now().toISOString();
    found.version += 1;
    Object.assign(found, {
      policy: body.policy,
      history: [{ version: found.version, author: person.name, at }, ...found.history],
    });
    return reply(response, 200, found);
  }
}
