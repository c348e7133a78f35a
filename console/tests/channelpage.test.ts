import { expect, test } from 'vitest';
import type { Account, Detail } from '../src/desk/api/channel.ts';
import { byChannel, healthOf, labelOf, splitDetails, takesOldSecrets } from '../src/desk/channel/account.ts';

const account = (given: Partial<Account>): Account => ({
  id: 'x',
  origin: 'console',
  channel: 'sms',
  provider: 'twilio',
  name: 'main',
  public: {},
  secrets: {},
  active: true,
  rotated_at: null,
  webhook: null,
  health: { state: 'ok', accepted: 1, failed: 0, unknown: 0, error: null },
  ...given,
});
const detail = (name: string, secret = false): Detail => ({ name, zh: '名', en: 'a name', secret, default: null });

test('accounts come by channel, those of clients first, unknown ones last, names by the alphabet', () => {
  const found = [
    account({ channel: 'zeppelin' }),
    account({ channel: 'staff' }),
    account({ name: 'b' }),
    account({ channel: 'wechat' }),
    account({ name: 'a' }),
  ];
  const shown = byChannel(found).map(([channel, group]) => [channel, group.map((one) => one.name)]);
  expect(shown).toEqual([
    ['wechat', ['main']],
    ['sms', ['a', 'b']],
    ['staff', ['main']],
    ['zeppelin', ['main']],
  ]);
});

test('an account that is off is off, however its last day went', () => {
  expect(healthOf(account({}))).toBe('ok');
  expect(healthOf(account({ active: false }))).toBe('off');
  expect(healthOf(account({ channel: 'chat' }))).toBe('ready');
});

test('only what was filled in is sent, and a secret never among what may be seen', () => {
  const details = [detail('number'), detail('key', true), detail('empty'), detail('blank', true)];
  const given = { number: ' +1 ', key: 's3', empty: undefined, blank: '  ', stray: 'x' };
  expect(splitDetails(details, given)).toEqual({ public: { number: '+1' }, secret: { key: 's3' } });
});

test('old secrets are spoken of for a day', () => {
  const at = Date.parse('2026-11-22T09:00:00Z');
  const rotated = account({ rotated_at: '2026-11-22T09:00:00Z' });
  expect(takesOldSecrets(rotated, at + 23 * 3_600_000)).toBe(true);
  expect(takesOldSecrets(rotated, at + 24 * 3_600_000)).toBe(false);
  expect(takesOldSecrets(account({}), at)).toBe(false);
});

test('a detail is called in Chinese as we call it, in English as the provider does', () => {
  expect(labelOf(detail('account_sid'), 'zh')).toBe('名');
  expect(labelOf(detail('account_sid'), 'en')).toBe('Account sid');
});
