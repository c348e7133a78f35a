/** Failed messages by kind: one entry a kind, whatever channels it came from. */
import type { Failure, FailureGroup } from '../api/letter.ts';
import type { Word } from '../words/zh.ts';
import { zh } from '../words/letter.zh.ts';

export interface Kind {
  kind: string;
  zh: string;
  en: string;
  channels: string[];
  isDoubtful: boolean;
  count: number;
  mended: number;
  barred: number;
}

/** Fold channels together; the most frequent kind first, what may have arrived last. */
export function kindsOf(groups: readonly FailureGroup[]): Kind[] {
  const found = new Map<string, Kind>();
  for (const one of groups) {
    const { kind, zh: said, en } = one;
    const before = found.get(kind) ?? {
      kind,
      zh: said,
      en,
      channels: [],
      isDoubtful: one.may_have_arrived,
      count: 0,
      mended: 0,
      barred: 0,
    };
    found.set(kind, {
      ...before,
      channels: [...new Set([...before.channels, one.channel])],
      isDoubtful: before.isDoubtful || one.may_have_arrived,
      count: before.count + one.count,
      mended: before.mended + one.mended,
      barred: before.barred + one.barred,
    });
  }
  return [...found.values()].sort((a, b) => Number(a.isDoubtful) - Number(b.isDoubtful) || b.count - a.count);
}

/** What a person can do about a kind of failure. */
export function fixOf(kind: string): Word {
  const word = `dead_fix_${kind}`;
  return word in zh ? (word as Word) : 'dead_fix_other';
}

/** Numbers and mailboxes are for people to write down; elsewhere only the client's own message tells. */
export function isCorrectable({ channel, identity_id }: Failure): boolean {
  return identity_id !== null && ['sms', 'voice', 'email'].includes(channel);
}

/** Kinds that are mended where accounts are set up. */
export function isOfAccount(kind: string): boolean {
  return ['config', 'quota', 'circuit_open'].includes(kind) || fixOf(kind) === 'dead_fix_other';
}
