// Records that are one person, in the fake house: found by their phone, laid side by side, merged and split.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const record = (number, name, phone, more = {}) => ({
  ...{ id: randomUUID(), number, phone_full: phone, client_no: `****${number.slice(-4)}`, name },
  ...{ phone: phone && `${phone.slice(0, 3)}****${phone.slice(-4)}`, risk_level: 'C3', manager: '周航' },
  ...{ suitability_valid_until: '2027-03-31', investor_class: 'ordinary', stage: 'active', instruments: ['螺纹钢'] },
  ...{ created_at: '2024-03-01T10:00:00+08:00', merged_into: null, channels: ['wechat'], open_tickets: 0 },
  ...{ assets: 128_000, last_active_at: '2026-11-20T10:00:00+08:00' },
  ...more,
});

export class Merges {
  constructor(house) {
    this.house = house;
    this.merges = [];
    this.records = [
      record('60010001', '王**', '13812342231'),
      record('60010088', '王**', '13812342231', {
        ...{ created_at: '2026-02-01T10:00:00+08:00', channels: ['chat', 'sms'], open_tickets: 1, risk_level: 'C4' },
        moves: { identity: 2, ticket: 1, tag: 3 },
      }),
      record('60010002', '赵**', '13900001111'),
      record('60010003', '赵**', '13900002222', { moves: {} }),
    ];
  }

  handle(response, person, { method, parts: [, area, id, act], body }) {
    if (!person.roles.some((role) => role === 'supervisor' || role === 'admin'))
      return fail(response, 403, 'not_allowed', '您没有该操作的权限。', 'You may not do that.');
    if (area === 'doubles') return this.doubles(response);
    if (area === 'lookup') return this.lookUp(response, body.number);
    if (act === 'undo') return this.undo(response, id, body);
    if (method === 'GET') {
      const clients = this.records.map(show);
      return reply(response, 200, { merges: [...this.merges].reverse(), clients });
    }
    return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
  }

  doubles(response) {
    const open = this.records.filter((one) => one.merged_into === null);
    const phones = [...new Set(open.map((one) => one.phone_full))];
    const groups = phones
      .map((phone) => open.filter((one) => one.phone_full === phone).map(({ id }) => id))
      .filter((group) => group.length > 1);
    return reply(response, 200, { groups, clients: open.map(show) });
  }

  lookUp(response, number) {
    this.house.record('lookup', {});
    const found = this.records.filter((one) => one.number === number || one.phone_full === number);
    return reply(response, 200, { clients: found.map(show) });
  }

  /** Under a client of the desk: two records side by side, or one merged into the other. */
  pair(response, person, { keptId, otherId, body }) {
    const kept = this.records.find((one) => one.id === keptId);
    const gone = this.records.find((one) => one.id === (otherId ?? body.other));
    if (!kept || !gone) return fail(response, 404, 'not_found', '没有这位客户。', 'There is no such client.');
    const isAlike = kept.phone_full === gone.phone_full;
    const isMerged = kept.merged_into !== null || gone.merged_into !== null;
    const refusal = isMerged ? { zh: '其中一条记录已被合并。', en: 'One of them is merged already.' } : null;
    const moves = gone.moves ?? { identity: 1 };
    if (otherId) return reply(response, 200, { kept: show(kept), gone: show(gone), moves, is_alike: isAlike, refusal });
    if (refusal) return fail(response, 409, 'conflict', refusal.zh, refusal.en);
    if (!isAlike && !body.is_sure)
      return fail(response, 409, 'conflict', '两条记录的手机号不同。', 'Their phones differ.');
    this.house.record('merge', { kept: kept.number, gone: gone.number, reason: body.reason, is_sure: body.is_sure });
    gone.merged_into = kept.id;
    const made = {
      ...{ id: randomUUID(), kept_id: kept.id, gone_id: gone.id, actor: `person:${person.id}`, person: person.name },
      ...{ reason: body.reason, at: this.house.now().toISOString(), undone_at: null, moved: moves },
    };
    this.merges.push(made);
    return reply(response, 201, { id: made.id, moved: moves });
  }

  undo(response, id, { reason }) {
    const found = this.merges.find((one) => one.id === id);
    found.undone_at = this.house.now().toISOString();
    this.records.find((one) => one.id === found.gone_id).merged_into = null;
    this.house.record('merge-undo', { reason });
    return reply(response, 200, { kept_id: found.kept_id, gone_id: found.gone_id });
  }
}

function show({ number: _, phone_full: _phone, moves: _moves, ...one }) {
  return one;
}
