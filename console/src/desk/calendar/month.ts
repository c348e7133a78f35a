/** Months, days and sessions of a trading calendar, as China's exchanges count them. */
import type { Language } from '../../shared/moment.ts';
import type { CalendarDay } from '../api/calendar.ts';

const DAY_MINUTES = 24 * 60;
const EVENING = 18 * 60;
const NOON = 12 * 60;
const FIRST = '2000-01';
const LAST = '2099-12';

/** The day that it is in China, as "2026-11-23". */
export function today(now: Date = new Date()): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(now);
}

/** The month of a day, or another month by so many; it stays within what the service knows. */
export function monthOf(day: string, by = 0): string {
  const [year = 2026, month = 1] = day.split('-').map(Number);
  const made = new Date(Date.UTC(year, month - 1 + by, 1)).toISOString().slice(0, 7);
  return made < FIRST ? FIRST : made > LAST ? LAST : made;
}

export function isMonth(text: string | undefined): text is string {
  return /^20\d\d-(0[1-9]|1[0-2])$/.test(text ?? '');
}

/** "2026年11月", "November 2026". */
export function monthLabel(month: string, language: Language): string {
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  return new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long' }).format(new Date(`${month}-01T12:00:00`));
}

/** "2026年11月23日星期一", "Monday, 23 November 2026". */
export function dayTitle(day: string, language: Language): string {
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full' }).format(new Date(`${day}T12:00:00`));
}

/** The days of a month in weeks from Monday to Sunday; null is another month's. */
export function weeksOf(days: readonly CalendarDay[]): (CalendarDay | null)[][] {
  const first = days[0];
  if (!first) return [];
  const before = (new Date(`${first.day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const cells = [...Array<null>(before).fill(null), ...days];
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, n) => cells.slice(n * 7, n * 7 + 7));
}

export interface Part {
  kind: 'morning' | 'afternoon' | 'night' | 'pause' | 'lunch';
  /** Minutes from the day's midnight; past 1440 it is the next day. */
  start: number;
  end: number;
}

/** What a day is made of: its sessions by name, and the breaks between those of daytime. */
export function partsOf(sessions: readonly string[]): Part[] {
  const spans = sessions.map(toSpan).sort(([one], [other]) => one - other);
  return spans.flatMap(([start, end], n): Part[] => {
    const kind = start >= EVENING ? 'night' : start < NOON ? 'morning' : 'afternoon';
    const next = spans[n + 1];
    const session: Part = { kind, start, end };
    if (!next || next[0] >= EVENING || next[0] <= end) return [session];
    return [session, { kind: next[0] - end >= 60 ? 'lunch' : 'pause', start: end, end: next[0] }];
  });
}

function toSpan(session: string): [number, number] {
  const [start = 0, end = 0] = session.split('-').map((text) => {
    const [hour = 0, minute = 0] = text.split(':').map(Number);
    return hour * 60 + minute;
  });
  return [start, end > start ? end : end + DAY_MINUTES];
}

/** "09:00". */
export function clock(minute: number): string {
  const within = minute % DAY_MINUTES;
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}

export function isNextDay({ end }: Part): boolean {
  return end > DAY_MINUTES;
}

/** The names of a day's holidays, said by `say`: notices join two with "、". */
export function sayHoliday(name: string, say: (group: string, code: string) => string): string {
  return name
    .split('、')
    .map((one) => say('holiday', one))
    .join(' · ');
}

/** The number of the line that an error of the service names; null if it names none. */
export function lineOf(messageEn: string): number | null {
  const found = /^Line (\d+):/.exec(messageEn);
  return found ? Number(found[1]) : null;
}

/** Where a line begins and ends within a text; lines are counted from 1. */
export function rangeOf(text: string, line: number): [number, number] {
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return [start, start + (lines[line - 1]?.length ?? 0)];
}

/** The text of a file: UTF-8, or GB 18030 as Excel writes it in China; null if it is neither. */
export async function readText(file: Blob): Promise<string | null> {
  const bytes = await file.arrayBuffer();
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      if (!text.includes('\0')) return text.replace(/\r\n?/g, '\n');
    } catch {
      continue;
    }
  }
  return null;
}
