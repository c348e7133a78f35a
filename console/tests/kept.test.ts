import { expect, test } from 'vitest';
import type { EventType, KeptEvent } from '../src/desk/api/event.ts';
import { figuresOf, fixOf } from '../src/desk/event/event.ts';

const TYPES: EventType[] = [
  {
    name: 'order_filled',
    zh: '成交',
    en: 'Order filled',
    figures: {
      amount_fen: { zh: '金额', en: 'amount', unit: 'fen', needed: true },
      ratio: { zh: '比例', en: 'ratio', unit: 'part', needed: false },
      lots: { zh: '手数', en: 'lots', unit: 'lot', needed: false },
    },
  },
];
const kept = (more: Partial<KeptEvent>): KeptEvent => ({
  id: 'e',
  source: 'oms',
  key: 'k',
  type: 'order_filled',
  state: 'failed',
  reason: null,
  at: '2026-11-23T09:00:00+08:00',
  received_at: '2026-11-23T09:00:01+08:00',
  figures: {},
  client_id: null,
  client_no: '****1234',
  name: '',
  ...more,
});

test('figures have their names, money is yuan and ratios are percent', () => {
  const figures = { amount_fen: 1234567, ratio: 0.853, lots: 1200, side: 'buy' };
  expect(figuresOf(kept({ figures }), TYPES, 'zh')).toEqual([
    ['金额', '12,345.67'],
    ['比例', '85.3%'],
    ['手数', '1,200'],
    ['side', 'buy'],
  ]);
  expect(figuresOf(kept({ type: 'unheard', figures }), TYPES, 'en')[0]).toEqual(['amount_fen', '1234567']);
});

test('only what differs is handed in, and nothing is nothing', () => {
  expect(fixOf(kept({}), { client_no: ' 86000007 ', type: 'order_filled' })).toEqual({ client_no: '86000007' });
  expect(fixOf(kept({ type: 'unheard' }), { type: 'order_filled' })).toEqual({ type: 'order_filled' });
  expect(fixOf(kept({}), { client_no: '  ', type: 'order_filled' })).toBeNull();
});
