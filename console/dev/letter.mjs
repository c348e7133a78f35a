// The fake house's messages that came to nothing: of every kind, and sending them again.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const PAGE = 100;
/** So many of a kind are queued at once: few, so that a screen must ask more than once. */
const AT_ONCE = 10;
const KINDS = [
  ['recipient', 'sms', 12, 'recipient:43004', '号码或地址无效', 'no valid address'],
  ['config', 'sms', 25, 'config:SignatureDoesNotMatch', '渠道账号配置有误', 'the account is set up wrongly'],
  ['consent', 'sms', 6, 'consent:USER_UNSUBSCRIBED', '渠道方拒收', 'the provider says: refused'],
  ['unsaid', 'push', 4, null, '渠道回报失败，未说明原因', 'the provider says it failed, not why'],
  ['outcome_unknown', 'sms', 10, 'outcome_unknown', '渠道没有回应，结果未知', 'the provider never answered'],
];
/** Somebody has mended the content and a colleague has approved it. */
const NEWER = { content_id: randomUUID(), version: 2 };
const DOUBTFUL = ['outcome_unknown', 'worker_died'];
const REFUSED = { zh: '渠道方拒收', en: 'the provider says: refused' };
const NAMES = ['王**', '赵**', '欧阳**', '孙**', '李**'];

export class Letters {
  constructor(house) {
    this.house = house;
    this.rows = KINDS.flatMap(([kind, channel, count, reason, zh, en]) =>
      Array.from({ length: count }, (_, n) => ({
        kind,
        id: randomUUID(),
        client_id: randomUUID(),
        identity_id: randomUUID(),
        client_no: `6001****${n % 10}`,
        name: NAMES[n % NAMES.length],
        channel,
        account: channel === 'sms' ? 'aliyun' : 'jpush',
        state: kind === 'recipient' || kind === 'config' || kind === 'consent' ? 'rejected' : 'failed',
        reason,
        zh,
        en,
        attempts: 1 + (n % 3),
        at: new Date(house.now().getTime() - n * 60_000).toISOString(),
        may_have_arrived: DOUBTFUL.includes(kind),
        is_mended: kind === 'recipient' && n < 3,
        barred: kind === 'consent' ? REFUSED : null,
      })),
    );
  }

  handle(response, person, campaign, { act, body, query }) {
    if (act === 'failure-groups')
      return reply(response, 200, {
        groups: this.groups(campaign),
        at_once: AT_ONCE,
        newer: NEWER,
      });
    if (act === 'failures') return reply(response, 200, { failures: this.page(campaign, query) });
    this.house.record('letter', { act, body, by: person.login });
    if (campaign.state === 'cancelled')
      return fail(response, 409, 'conflict', '活动已取消，不能再补发。', 'The campaign was cancelled.');
    const chosen = this.of(campaign).filter((one) =>
      act === 'replay' ? body.messages.includes(one.id) : one.kind === body.kind,
    );
    const start = body.after ? chosen.findIndex((one) => one.id === body.after) + 1 : 0;
    const seen = act === 'replay' ? chosen : chosen.slice(start, start + AT_ONCE);
    const queued = seen.filter((one) => !one.barred && (body.doubtful || !one.may_have_arrived));
    const barred = seen.filter((one) => one.barred).length;
    this.rows = this.rows.filter((one) => !queued.includes(one));
    return reply(response, 200, {
      queued: queued.length,
      left: barred ? [{ reason: 'consent', count: barred, ...REFUSED }] : [],
      next: act === 'replay-all' && seen.length === AT_ONCE ? seen.at(-1).id : null,
    });
  }

  /** A number or mailbox is corrected: where it is, it is marked from now on. */
  correct(response, person, { identity, body }) {
    const one = this.rows.find((row) => row.identity_id === identity && row.id === body.message);
    if (!one) return fail(response, 404, 'not_found', '没有这条联系方式。', 'There is no such address.');
    this.house.record('correct', { identity, body, by: person.login });
    one.is_mended = true;
    return reply(response, 200, { shown: '139****5678' });
  }

  /** Only what was sent can have come to nothing. */
  of(campaign) {
    return campaign.planned ? this.rows : [];
  }

  page(campaign, query) {
    const { kind, after } = Object.fromEntries(query);
    const rows = this.of(campaign).filter((one) => !kind || one.kind === kind);
    const start = after ? rows.findIndex((one) => one.id === after) + 1 : 0;
    return rows.slice(start, start + PAGE).map(({ kind: _, ...one }) => one);
  }

  groups(campaign) {
    return KINDS.flatMap(([kind, channel, , , zh, en]) => {
      const rows = this.of(campaign).filter((one) => one.kind === kind);
      if (rows.length === 0) return [];
      return {
        kind,
        zh,
        en,
        channel,
        may_have_arrived: DOUBTFUL.includes(kind),
        count: rows.length,
        mended: rows.filter((one) => one.is_mended).length,
        barred: rows.filter((one) => one.barred).length,
      };
    }).sort((a, b) => b.count - a.count);
  }
}
