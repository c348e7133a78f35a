// The contents of the fake house, in versions, with their previews.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';
import { deedsOf } from './deed.mjs';

const MOVES = {
  draft: ['edit', 'submit', 'retire'],
  review: ['approve', 'send_back', 'retire'],
  approved: ['retire'],
};
const AFTER = { submit: 'review', approve: 'approved', 'send-back': 'draft', retire: 'retired' };
const FIELDS = [
  { name: 'brand', zh: '公司简称', en: "the firm's name", sample: '示例期货', is_private: false, is_personal: false },
  { name: 'link', zh: '链接', en: 'link', sample: 'https://z.example/abc', is_private: false, is_personal: false },
  { name: 'amount', zh: '金额', en: 'amount', sample: 50000, is_private: true, is_personal: false },
];
const WORDS =
  '【示例期货】股指期权策略讲座将于 12 月 3 日 19:30 直播，讲解备兑与保护性策略的适用场景与风险。报名：{{ link }} 期权有风险，投资需谨慎。拒收请回复R';
const variant = (channel, body, arm = 'a', subject = '') => ({
  channel,
  language: 'zh',
  arm,
  subject,
  body,
  template: null,
  fields: {},
});

export class Contents {
  constructor(house) {
    this.house = house;
    this.rows = [];
    const lecture = {
      key: 'options_lecture',
      title: '股指期权策略讲座邀请',
      category: 'marketing',
      tags: ['期权', '讲座'],
      min_risk: 'C4',
    };
    const words = [
      variant('sms', WORDS),
      variant('push', '12 月 3 日 19:30 直播：股指期权策略讲座，点此报名。'),
      variant('push', '期权怎么用？周三晚上一次讲清楚，名额有限。', 'b'),
      variant('email', `各位投资者：\n\n${WORDS}`, 'a', '股指期权策略讲座邀请'),
    ];
    this.keep({ ...lecture, variants: words }, { state: 'superseded', version: 1 });
    this.keep({ ...lecture, variants: words }, { state: 'approved', version: 2 });
    const risk = { key: 'margin_call', title: '追加保证金通知', category: 'risk' };
    this.keep({ ...risk, variants: [variant('sms', '您的账户需追加保证金，请登录 APP 查看。')] }, { author: null });
    const report = { key: 'weekly_report', title: '螺纹钢周报：去库加快，关注表需', category: 'marketing' };
    this.keep({ ...report, variants: [variant('push', '本周螺纹钢去库加快。')] }, { state: 'review' });
  }

  keep(draft, { state = 'approved', version = 1, author = { id: 'p-market', name: '林晓' } } = {}) {
    const at = this.house.now().toISOString();
    const row = {
      tags: [],
      min_risk: null,
      product_type: null,
      stages: [],
      valid_until: null,
      ...draft,
      id: randomUUID(),
      version,
      state,
      author,
      approver: state === 'approved' && author ? '何静' : null,
      created_at: at,
      approved_at: state === 'approved' ? at : null,
    };
    this.rows.push(row);
    return row;
  }

  show({ author, variants, ...row }, person) {
    return {
      ...row,
      author: author?.name ?? null,
      is_shipped: !author,
      channels: [...new Set(variants.map((one) => one.channel))],
      languages: [...new Set(variants.map((one) => one.language))],
      deeds: deedsOf(MOVES, person, row.state, author?.id ?? null),
    };
  }

  handle(response, person, { method, parts: [, id, act], body, query }) {
    if (id === 'fields')
      return reply(response, 200, {
        fields: FIELDS,
        categories: ['account', 'trade', 'risk', 'ticket', 'service', 'marketing'],
        channels: ['push', 'sms', 'wechat', 'kf', 'email', 'voice', 'chat'],
        languages: ['zh', 'en'],
      });
    if (id === 'preview') return this.preview(response, body);
    if (!id && method === 'GET') return this.list(response, person, query.get('state'));
    if (!id) return this.create(response, person, body);
    const row = this.rows.find((one) => one.id === id);
    if (!row) return fail(response, 404, 'not_found', '没有这个内容。', 'There is no such content.');
    if (method === 'GET') {
      const versions = this.rows.filter((one) => one.key === row.key).map((one) => this.show(one, person));
      return reply(response, 200, {
        content: { ...this.show(row, person), variants: row.variants, checksum: 'f00d' },
        versions: versions.reverse(),
      });
    }
    this.house.record('content', { method, act: act ?? null, body, by: person.login });
    if (act === 'copy') return reply(response, 201, { id: this.next(row, person).id });
    if (act === 'approve' && row.author?.id === person.id)
      return fail(response, 403, 'not_allowed', '不能审批自己创建的内容。', 'Not your own.');
    if (method === 'PUT') Object.assign(row, body);
    if (act) row.state = AFTER[act];
    if (act === 'approve') row.approver = person.name;
    return reply(response, 200, { ok: true });
  }

  list(response, person, state) {
    const newest = new Map(this.rows.map((one) => [one.key, one]));
    const found = state ? this.rows.filter((one) => one.state === state) : [...newest.values()];
    return reply(response, 200, { contents: found.map((one) => this.show(one, person)) });
  }

  create(response, person, body) {
    this.house.record('content', { method: 'POST', act: null, body, by: person.login });
    const wrong = body.variants.find((one) => one.channel === 'sms' && !/拒收|退订/.test(one.body));
    if (wrong && body.category === 'marketing')
      return fail(
        response,
        400,
        'invalid_input',
        'sms/zh/a：营销短信需写明退订方式，例如结尾加“拒收请回复R”。',
        'sms/zh/a: a marketing SMS says how to end them.',
      );
    const made = this.keep(body, { state: 'draft', author: person });
    return reply(response, 201, { id: made.id });
  }

  next(row, person) {
    const version = Math.max(...this.rows.filter((one) => one.key === row.key).map((one) => one.version)) + 1;
    return this.keep({ ...row, variants: structuredClone(row.variants) }, { state: 'draft', version, author: person });
  }

  /** The fields that the words of a content name, as the service tells of them to a campaign. */
  fieldsOf(row) {
    const words = row.variants.map((one) => one.body).join(' ');
    const named = FIELDS.filter((one) => new RegExp(`{{\\s*${one.name}\\b`).test(words));
    return named.map(({ name, zh, en }) => ({
      name,
      zh,
      en,
      kind: name === 'link' ? 'address' : 'text',
      source: name === 'brand' ? 'house' : name === 'manager' ? 'client' : 'campaign',
      is_needed: true,
    }));
  }

  preview(response, { content_id: id, content, channel, language, arm, values, campaign }) {
    const row = content ?? this.rows.find((one) => one.id === id);
    const at = (wanted) => row.variants.find((one) => one.channel === channel && one.arm === wanted);
    const found = at(arm) ?? at('a');
    if (!found) return fail(response, 409, 'no_variant', '内容没有这个渠道的版本。', 'There are no words for it.');
    if (/{{\s*nobody/.test(found.body))
      return fail(response, 400, 'invalid_input', '第1行：没有字段 nobody。', 'Line 1: there is no field nobody.');
    const link = campaign ? (values.link ?? '〔链接〕') : 'https://z.example/abc';
    const text = found.body.replace(/{{\s*link\s*}}/g, link);
    const lacks = text.includes('〔链接〕') ? [{ field: 'link', zh: '链接', en: 'link' }] : [];
    const parts = text.length <= 70 ? 1 : Math.ceil(text.length / 67);
    return reply(response, 200, {
      channel,
      language,
      text,
      subject: found.subject || null,
      template: null,
      missing: lacks,
      fields: [],
      links: [],
      cost: channel === 'sms' ? parts * 0.05 : 0,
      ...(channel === 'sms' ? { sms: { alphabet: 'ucs2', units: text.length, parts } } : {}),
      ...(channel === 'push' ? { lock_screen: { title: '示例期货', body: '您有一条新消息' } } : {}),
      ...(channel === 'voice' ? { spoken: text } : {}),
    });
  }
}
