// The fake house's events that nobody could handle: of every kind, corrected and handled once more.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const TYPES = [
  { name: 'risk_ratio', zh: '风险率', en: 'Risk ratio', figures: { ratio: figure('part', '风险率', 'risk ratio') } },
  {
    name: 'deposit_settled',
    zh: '入金到账',
    en: 'Deposit settled',
    figures: { amount_fen: figure('fen', '金额', 'amount') },
  },
];
const KEPT = [
  ['unknown_client', 'risk_ratio', null, { ratio: 0.85 }, '****1234', ''],
  ['unknown_type', 'risk_ratioo', null, { ratio: 0.92 }, '****0001', '王**'],
  ['failed', 'deposit_settled', 'ValueError', { amount_fen: 500000 }, '****0002', '赵**'],
  ['failed', 'deposit_settled', 'ValueError', { amount_fen: 120000 }, '****0001', '王**'],
];
const NUMBERS = ['60010001', '60010002'];

function figure(unit, zh, en) {
  return { unit, zh, en, needed: true };
}

export class Events {
  constructor(house) {
    this.house = house;
    this.rows = KEPT.map(([state, type, reason, figures, client_no, name], n) => ({
      ...{ id: randomUUID(), source: 'oms', key: `e-${n}`, type, state, reason, figures, client_no, name },
      client_id: name ? randomUUID() : null,
      at: new Date(house.now().getTime() - n * 60_000).toISOString(),
      received_at: house.now().toISOString(),
    }));
  }

  handle(response, person, { parts: [, id, act], body }) {
    if (id === 'types') return reply(response, 200, { types: TYPES });
    if (!person.roles.some((role) => role === 'supervisor' || role === 'admin'))
      return fail(response, 403, 'not_allowed', '您没有该操作的权限。', 'You may not do that.');
    if (id === 'kept') return reply(response, 200, { events: this.rows, counts: this.counts() });
    if (id === 'replay') return this.replay(response, body.ids);
    const one = this.rows.find((row) => row.id === id);
    if (!one || act !== 'correct') return fail(response, 404, 'not_found', '没有这条未处理的事件。', 'No such event.');
    return this.correct(response, one, body);
  }

  counts() {
    const counts = {};
    for (const { state } of this.rows) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  replay(response, ids) {
    this.house.record('event-replay', { ids });
    const chosen = this.rows.filter((one) => one.state === 'failed' && ids.includes(one.id));
    this.rows = this.rows.filter((one) => !chosen.includes(one));
    return reply(response, 200, { count: chosen.length });
  }

  correct(response, one, { client_no, type }) {
    if (client_no && !NUMBERS.includes(client_no))
      return fail(response, 409, 'conflict', '没有这个客户号的客户。', 'Nobody has this client number.');
    this.house.record('event-correct', { client_no, type });
    one.client_id = client_no ? randomUUID() : one.client_id;
    one.type = type ?? one.type;
    const isTyped = TYPES.some(({ name }) => name === one.type);
    one.state = !isTyped ? 'unknown_type' : one.client_id ? 'new' : 'unknown_client';
    this.rows = this.rows.filter(({ state }) => state !== 'new');
    return reply(response, 200, { state: one.state });
  }
}
