/** What the channel page makes of accounts, without the screen: groups, health, forms. */
import type { Account, Detail, Provider } from '../api/channel.ts';
import type { Language } from '../../shared/moment.ts';

export type HealthWord = 'ok' | 'failing' | 'idle' | 'off' | 'ready';

const ORDER = ['wechat', 'kf', 'chat', 'sms', 'email', 'voice', 'push', 'staff'];
const DAY_MS = 24 * 3_600_000;

/** The name by which an account is known on the page: unique within its channel. */
export function keyOf(account: Account): string {
  return `${account.channel}/${account.name}`;
}

/** Whether clients fetch from us: nothing is sent to a provider, so there is nothing to count or to try out. */
export function isPulled(account: Account): boolean {
  return account.channel === 'chat';
}

export function healthOf(account: Account): HealthWord {
  if (!account.active) return 'off';
  return isPulled(account) ? 'ready' : account.health.state;
}

export function isFailing(account: Account): boolean {
  return healthOf(account) === 'failing';
}

/** Accounts by channel: the channels in the order in which clients use them, the names by the alphabet. */
export function byChannel(accounts: readonly Account[]): [string, Account[]][] {
  const groups = new Map<string, Account[]>();
  for (const account of accounts) groups.set(account.channel, [...(groups.get(account.channel) ?? []), account]);
  const rank = (channel: string): number => (ORDER.includes(channel) ? ORDER.indexOf(channel) : ORDER.length);
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b))
    .map(([channel, found]) => [channel, found.sort((a, b) => a.name.localeCompare(b.name))]);
}

export function providerOf(account: Account, providers: readonly Provider[]): Provider | undefined {
  return providers.find((one) => one.channel === account.channel && one.name === account.provider);
}

/** What a detail is called: its Chinese name, or the word that stands in the provider's own console. */
export function labelOf(detail: Detail, language: Language): string {
  if (language === 'zh') return detail.zh;
  const words = detail.name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What is to be sent of a form: what was filled in, split into what may be seen and what nobody may. */
export function splitDetails(
  details: readonly Detail[],
  given: Readonly<Record<string, string | undefined>>,
): { public: Record<string, string>; secret: Record<string, string> } {
  const parts = { public: {} as Record<string, string>, secret: {} as Record<string, string> };
  for (const { name, secret } of details) {
    const value = given[name]?.trim();
    if (value) parts[secret ? 'secret' : 'public'][name] = value;
  }
  return parts;
}

/** Whether callbacks signed with the secrets of before a rotation are still taken. */
export function takesOldSecrets(account: Account, now: number): boolean {
  return account.rotated_at !== null && now - Date.parse(account.rotated_at) < DAY_MS;
}

const EXAMPLES: Record<string, string> = {
  sms: '+8613800138000',
  voice: '+8613800138000',
  email: 'name@example.com',
  wechat: 'oABCD1234567890abcdefghijklm',
  kf: 'wmABCD1234567890abcdefghijklmnop',
  push: '1104a897923a1b2c3d4',
  staff: '@all',
};

/** An address as this channel has them, to write under the field. */
export function exampleAddress(channel: string): string | null {
  return EXAMPLES[channel] ?? null;
}
