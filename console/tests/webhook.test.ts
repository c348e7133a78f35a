import { expect, test } from 'vitest';
import type { Webhook } from '../src/desk/api/webhook.ts';
import { healthOf, isOfOrders } from '../src/desk/webhook/webhook.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const DOWN = { code: 'unreachable', zh: '连不上', en: 'it cannot be reached' };

function webhook(some: Partial<Webhook>): Webhook {
  return {
    id: 'w',
    url: 'https://risk.example.cn/told',
    kinds: ['ticket.closed'],
    source: null,
    active: true,
    rotated_at: null,
    created_at: '2026-11-01T00:00:00Z',
    waiting: 0,
    failed: 0,
    delivered_at: '2026-11-23T07:00:00Z',
    resting_until: null,
    error: null,
    ...some,
  };
}

test('the worst that is true of a webhook is its health', () => {
  expect(healthOf(webhook({}), NOW)).toBe('well');
  expect(healthOf(webhook({ delivered_at: null }), NOW)).toBe('new');
  expect(healthOf(webhook({ error: DOWN }), NOW)).toBe('failing');
  expect(healthOf(webhook({ error: DOWN, resting_until: '2026-11-23T08:00:01Z' }), NOW)).toBe('resting');
  expect(healthOf(webhook({ error: DOWN, resting_until: '2026-11-23T07:59:59Z' }), NOW)).toBe('failing');
  expect(healthOf(webhook({ active: false, error: DOWN }), NOW)).toBe('off');
});

test('what is about orders needs to say whose', () => {
  expect(isOfOrders(['ticket.closed', 'notice.reached'])).toBe(true);
  expect(isOfOrders(['message.read'])).toBe(true);
  expect(isOfOrders(['campaign_message.read', 'campaign.sent', 'consent.subscribed'])).toBe(false);
});
