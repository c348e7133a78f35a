/** Words and sums of campaigns that no screen owns. */
import type { Results, Schedule } from '../api/campaign.ts';
import type { Word } from '../words/zh.ts';
import type { Translate } from '../../shared/catalogue.ts';

export const PHASES = ['all', 'draft', 'review', 'ready', 'live', 'over'] as const;
export type Phase = (typeof PHASES)[number];

const PHASE_OF: Readonly<Record<string, Phase>> = {
  draft: 'draft',
  review: 'review',
  approved: 'ready',
  scheduled: 'ready',
  running: 'live',
  paused: 'live',
  done: 'over',
  cancelled: 'over',
};

export function phaseOf(state: string): Phase {
  return PHASE_OF[state] ?? 'over';
}

export function isUnderWay(state: string): boolean {
  return state === 'running' || state === 'paused';
}

/** How many messages have left or ended; what still waits is not among them. */
export function settledOf({ counts }: Results): number {
  const waiting = ['planned', 'held', 'queued', 'sending'];
  return Object.entries(counts)
    .filter(([name]) => name.startsWith('message_') && !waiting.includes(name.slice('message_'.length)))
    .reduce((sum, [, n]) => sum + n, 0);
}

/** How many messages came to nothing, and may be sent again by a person. */
export function failedOf({ counts }: Results): number {
  return (counts['message_rejected'] ?? 0) + (counts['message_failed'] ?? 0);
}

/** Those for whom a message is meant: neither suppressed nor held out. */
export function meantOf({ planned, counts }: Results): number {
  return planned - (counts['suppressed'] ?? 0) - (counts['withheld'] ?? 0);
}

/** A schedule in one sentence. */
export function saySchedule(one: Schedule, t: Translate<Word>, moment: (iso: string) => string): string {
  switch (one.kind) {
    case 'now':
      return t('schedule_now');
    case 'once':
      return t('schedule_once', { at: moment(one.at) });
    case 'daily':
      return t('schedule_daily', { time: one.time.slice(0, 5) });
    case 'weekly':
      return t('schedule_weekly', {
        days: one.weekdays.map((day) => t(`weekday_${day}` as Word)).join(t('comma')),
        time: one.time.slice(0, 5),
      });
    case 'monthly':
      return t('schedule_monthly', { days: one.days.join(t('comma')), time: one.time.slice(0, 5) });
    case 'trading':
      return t(one.minutes < 0 ? 'schedule_before' : 'schedule_after', {
        exchange: one.exchange,
        session: t(one.session === 'open' ? 'schedule_open' : 'schedule_close'),
        n: Math.abs(one.minutes),
      });
  }
}
