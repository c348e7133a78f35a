import type { Webhook } from '../api/webhook.ts';

export type Health = 'off' | 'resting' | 'failing' | 'well' | 'new';

/** Tell whether any of the kinds is about orders, which only the system that gave them may hear of. */
export function isOfOrders(kinds: readonly string[]): boolean {
  return kinds.some((kind) => kind.startsWith('message.') || kind.startsWith('notice.'));
}

/** Return how a webhook goes, the worst that is true of it. */
export function healthOf(one: Webhook, now: Date): Health {
  if (!one.active) return 'off';
  if (one.resting_until && new Date(one.resting_until) > now) return 'resting';
  if (one.error) return 'failing';
  return one.delivered_at ? 'well' : 'new';
}
