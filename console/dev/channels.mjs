// The channel page's side of the fake house: kinds of accounts, accounts, what a test message comes to.
import { randomUUID } from 'node:crypto';
import { fail, readJson, reply } from './http.mjs';

const detail = (name, zh, en, more = {}) => ({ name, zh, en, secret: false, default: null, ...more });
const PROVIDERS = [
  {
    channel: 'sms',
    name: 'twilio',
    zh: 'Twilio 短信（港澳台及海外）',
    en: 'Twilio SMS (Hong Kong and overseas)',
    details: [
      detail('account_sid', 'Account SID', 'the Account SID of the Twilio console'),
      detail('auth_token', 'Auth Token', 'it also signs callbacks', { secret: true }),
      detail('sender', '发送号码', 'the number that sends'),
      detail('api_base', '接口地址', "the API's address", { default: 'https://api.twilio.com' }),
    ],
  },
  {
    channel: 'email',
    name: 'smtp',
    zh: '企业邮箱（SMTP）',
    en: 'Mail server (SMTP)',
    details: [
      detail('host', '发信服务器', "the SMTP server's name"),
      detail('reply_key', '回信地址密钥', 'signs reply addresses', { secret: true }),
      detail('webhook_key', '回调密钥', 'signs what the mail server posts', { secret: true }),
    ],
  },
];
const IDLE = { state: 'idle', accepted: 0, failed: 0, unknown: 0, error: null };
const WRONG_ADDRESS = {
  code: 'recipient:21211',
  zh: '收件地址无效或客户已屏蔽',
  en: 'the address is wrong or has blocked us',
};

export class Channels {
  constructor(house) {
    this.house = house;
    this.accounts = [
      this.make({
        channel: 'wechat',
        provider: 'wechat',
        name: 'demo',
        id: null,
        origin: 'settings',
        webhook: 'https://zhida.example/channels/wechat/demo',
        health: { ...IDLE, state: 'ok', accepted: 128 },
      }),
    ];
  }

  make({ secret = {}, ...given }) {
    const secrets = Object.fromEntries(Object.keys(secret).map((name) => [name, true]));
    const webhook = `https://zhida.example/channels/${given.channel}/${given.provider}/${given.name}`;
    return {
      id: randomUUID(),
      origin: 'console',
      public: {},
      secrets,
      active: true,
      rotated_at: null,
      webhook,
      health: { ...IDLE },
      ...given,
    };
  }

  async handle(request, response, person, [first, second, last]) {
    const isLeader = person.roles.some((role) => role !== 'agent');
    if (!isLeader || (request.method !== 'GET' && !person.roles.includes('admin')))
      return fail(response, 403, 'not_allowed', '您没有权限', 'You may not do this');
    if (request.method === 'GET') return reply(response, 200, { providers: PROVIDERS, accounts: this.accounts });
    const body = await readJson(request);
    this.house.record('channel', { method: request.method, path: [first, second, last].filter(Boolean), body });
    if (last === 'test') return this.tryOut(response, first, second, body);
    if (!first) return this.add(response, body);
    const account = this.accounts.find(({ id }) => id === first);
    if (!account) return fail(response, 404, 'not_found', '没有这个渠道账号', 'There is no such account');
    if (request.method === 'PATCH') account.public = body.public;
    if (second === 'secrets') account.rotated_at = new Date().toISOString();
    if (second === 'active') account.active = body.active;
    return reply(response, 200, { ok: true });
  }

  add(response, body) {
    if (this.accounts.some(({ channel, name }) => channel === body.channel && name === body.name))
      return fail(
        response,
        409,
        'conflict',
        `渠道账号 ${body.channel}/${body.name} 已存在。`,
        'There is such an account already.',
      );
    const account = this.make(body);
    this.accounts.push(account);
    return reply(response, 201, { id: account.id });
  }

  async tryOut(response, channel, name, { address }) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    const { health } = this.accounts.find((one) => one.channel === channel && one.name === name);
    const isGood = !address.endsWith('0000');
    const now = new Date().toISOString();
    if (isGood) Object.assign(health, { state: 'ok', accepted: health.accepted + 1 });
    else
      Object.assign(health, { state: 'failing', failed: health.failed + 1, last_failed_at: now, error: WRONG_ADDRESS });
    return reply(
      response,
      200,
      isGood ? { ok: true, state: 'accepted', error: null } : { ok: false, state: 'rejected', error: WRONG_ADDRESS },
    );
  }
}
