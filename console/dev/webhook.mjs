// The fake house's webhooks: two systems, one of which has been down; secrets are told once.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const KINDS = [
  { name: 'message.delivered', zh: '消息已送达', en: 'message delivered' },
  { name: 'message.failed', zh: '消息未送达', en: 'message failed' },
  { name: 'notice.reached', zh: '客户已知悉', en: 'client reached' },
  { name: 'campaign.ended', zh: '活动结束', en: 'campaign ended' },
  { name: 'consent.unsubscribed', zh: '客户退订', en: 'client unsubscribed' },
];
const DOWN = { code: 'unreachable', zh: '连不上', en: 'it cannot be reached' };

export class Webhooks {
  constructor(house) {
    this.house = house;
    this.rows = [
      this.make({ url: 'https://risk.example.cn/told', kinds: ['notice.reached', 'message.failed'], source: 'risk' }),
      this.make({ url: 'https://crm.example.cn/zhida/webhook', kinds: ['consent.unsubscribed'], source: null }),
    ];
    Object.assign(this.rows[0], { delivered_at: house.now().toISOString() });
    Object.assign(this.rows[1], { failed: 3, waiting: 12, error: DOWN });
    this.untold = Array.from({ length: 3 }, (_, n) => ({
      id: randomUUID(),
      kind: 'consent.unsubscribed',
      subject_id: randomUUID(),
      attempts: 17 + n,
      error: DOWN,
      created_at: house.now().toISOString(),
      ended_at: house.now().toISOString(),
    }));
  }

  make(target) {
    return {
      id: randomUUID(),
      ...target,
      active: true,
      rotated_at: null,
      created_at: this.house.now().toISOString(),
      waiting: 0,
      failed: 0,
      delivered_at: null,
      resting_until: null,
      error: null,
    };
  }

  handle(response, person, { method, parts: [, id, act], body }) {
    if (!person.roles.includes('admin'))
      return fail(response, 403, 'not_allowed', '您没有该操作的权限。', 'You may not do that.');
    if (!id && method === 'GET') return reply(response, 200, { kinds: KINDS, webhooks: this.rows });
    if (act === 'failures') return reply(response, 200, { failures: this.untold });
    this.house.record('webhook', { act: act ?? (id ? 'change' : 'add'), id, body });
    if (!id) return this.add(response, body);
    const one = this.rows.find((row) => row.id === id);
    if (act === 'test') return reply(response, 200, { ok: !one.error, error: one.error });
    if (act === 'rotate') return reply(response, 200, { id, secret: 'made-up-secret-2' });
    if (act === 'replay') return this.replay(response, one, body.ids);
    return reply(response, 200, Object.assign(one, body));
  }

  add(response, { url, kinds, source }) {
    if (new URL(url).hostname.startsWith('10.'))
      return fail(response, 409, 'address_refused', '不允许呼叫内网地址 10.0.0.8。', 'It is a private address.');
    this.rows.push(this.make({ url, kinds, source }));
    return reply(response, 201, { id: this.rows.at(-1).id, secret: 'made-up-secret-1' });
  }

  replay(response, one, ids) {
    const before = this.untold.length;
    this.untold = ids ? this.untold.filter((each) => !ids.includes(each.id)) : [];
    one.failed = this.untold.length;
    return reply(response, 200, { count: before - this.untold.length });
  }
}
