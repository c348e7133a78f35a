import { expect, test } from 'vitest';
import { Memory } from '../src/widget/memory.ts';
import { isFresh, readClaims } from '../src/widget/token.ts';

class Drawer implements Storage {
  readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  clear(): void {
    this.kept.clear();
  }
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.kept.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
}

const NOW = Date.parse('2026-11-22T09:00:00Z');
const pending = { client_msg_id: 'a', text: '在吗', at: '2026-11-22T08:00:00Z' };
const token = (claims: object) =>
  `x.${btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims))))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')}.y`;

test('unsent messages come back under their own subject, for a day', () => {
  const memory = new Memory(new Drawer());
  memory.keep('client-1', { pending: [pending], readSeq: 7, feedback: { 3: true } });
  expect(memory.recall('client-1', NOW)).toEqual({ pending: [pending], readSeq: 7, feedback: { 3: true } });
  expect(memory.recall('client-2', NOW)).toEqual({ pending: [], readSeq: 0, feedback: {} });
  expect(memory.recall('client-1', NOW + 24 * 3_600_000).pending).toEqual([]);
});

test('a browser without storage, and a damaged one, cost the memory and nothing else', () => {
  const drawer = new Drawer();
  drawer.setItem('zhida.chat.of.client-1', '{"pending":');
  for (const memory of [new Memory(null), new Memory(drawer)]) {
    expect(memory.recall('client-1', NOW).pending).toEqual([]);
    memory.keepVisitorToken('t');
  }
});

test('claims are read without being believed', () => {
  expect(readClaims(token({ sub: '客户-1', exp: 5 }))).toEqual({ sub: '客户-1', expiresAt: 5_000 });
  for (const bad of ['', 'a.b.c', token({}), token({ sub: 3 })]) expect(readClaims(bad)).toBeNull();
});

test('a token that is over within the minute is not presented', () => {
  expect(isFresh(token({ sub: 'a', exp: NOW / 1000 + 61 }), NOW)).toBe(true);
  expect(isFresh(token({ sub: 'a', exp: NOW / 1000 + 59 }), NOW)).toBe(false);
  expect(isFresh(token({ sub: 'a' }), NOW)).toBe(true);
});
