import { expect, test } from 'vitest';
import { dayLabel, shortMoment, span } from '../src/shared/moment.ts';
import { retryDelay } from '../src/shared/backoff.ts';

const NOW = new Date(2026, 10, 22, 9, 0);
const at = (day: number, hour = 10) => new Date(2026, 10, day, hour).toISOString();

test('days have names near by and dates far off', () => {
  expect(dayLabel(at(22, 0), 'zh', NOW)).toBe('今天');
  expect(dayLabel(at(21, 23), 'zh', NOW)).toBe('昨天');
  expect(dayLabel(at(21, 23), 'en', NOW)).toBe('Yesterday');
  expect(dayLabel(at(3), 'zh', NOW)).toBe('11月3日星期二');
  expect(dayLabel(new Date(2025, 0, 2).toISOString(), 'zh', NOW)).toContain('2025');
});

test('a moment of today is only a time', () => {
  expect(shortMoment(at(22, 8), 'zh', NOW)).toBe('08:00');
  expect(shortMoment(at(21, 8), 'zh', NOW)).toBe('昨天 08:00');
});

test.each([
  [0, '1 分钟'],
  [12, '12 分钟'],
  [60, '1 小时'],
  [185, '3 小时 5 分'],
  [47 * 60 + 59, '47 小时 59 分'],
  [75 * 60, '3 天 3 小时'],
  [-5, '1 分钟'],
])('%i minutes are %s', (minutes, words) => expect(span(minutes * 60_000, 'zh')).toBe(words));

test('the wait before a retry doubles, has a ceiling, and is never nothing', () => {
  const lowest = [0, 1, 2, 3, 20].map((attempt) => retryDelay(attempt, () => 0));
  const highest = [0, 1, 2, 3, 20].map((attempt) => retryDelay(attempt, () => 1));
  expect(lowest).toEqual([500, 1000, 2000, 4000, 15_000]);
  expect(highest).toEqual([1000, 2000, 4000, 8000, 30_000]);
});
