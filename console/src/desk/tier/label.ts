/** How places and figures of the rules are said. */
import { count } from '../studio/figure.ts';
import { span } from '../../shared/moment.ts';
import type { Named, Rules, TierRun } from '../api/tier.ts';
import type { Words } from '../words/words.tsx';
import { isPercent, type Change, type Section } from './rules.ts';

/** "近 30 天", "60%", "1,000,000": a figure as people write it. */
export function figureOf(value: number, percent: boolean, { language }: Pick<Words, 'language'>): string {
  return percent ? `${toPercent(value)}%` : count(value, language);
}

/** How long a run took; null while it goes on. */
export function tookOf(run: TierRun, { t, language }: Words): string | null {
  if (!run.ended_at) return null;
  const milliseconds = Date.parse(run.ended_at) - Date.parse(run.at);
  if (milliseconds >= 60_000) return t('tier_took', { span: span(milliseconds, language) });
  return t('tier_took', { span: t('tier_seconds', { n: Math.max(1, Math.round(milliseconds / 1000)) }) });
}

export function toPercent(part: number): number {
  return Math.round(part * 1000) / 10;
}

/** Where something is: its section, the entry within, the field. */
export function placeOf(change: Change, rules: readonly Rules[], words: Words): string {
  const [section = '', ...rest] = change.where;
  const names = rest.map((key, n) => {
    const field = words.say('tier_f', key);
    return field !== key && !(n === 0 && isEntry(section, key, rules))
      ? field
      : nameIn(rules, change.where, n + 1, words);
  });
  return [words.say('tier_s', section), ...names].join(' · ');
}

/** What was there and what is there now. */
export function saidOf(change: Change, rules: readonly Rules[], words: Words): string {
  const { before, after, where } = change;
  const name = nameIn(rules, where, where.length - 1, words);
  if (before === null) return words.t('tier_added', { name: name || String(after) });
  if (after === null) return words.t('tier_removed', { name: name || String(before) });
  return words.t('tier_change', {
    before: valueOf(before, where, rules, words),
    after: valueOf(after, where, rules, words),
  });
}

function valueOf(value: string | number, where: readonly string[], rules: readonly Rules[], words: Words): string {
  const [section, of, field = of] = [where[0] as Section, where.at(-2), where.at(-1)];
  if (typeof value === 'number') {
    const figure =
      section === 'churn'
        ? rules.map((one) => one.churn.find(({ name }) => name === of)?.figure).find(Boolean)
        : where[1];
    return figureOf(value, isPercent(section, field ?? '', figure), words);
  }
  if (field === 'order')
    return value
      .split(',')
      .map((code) => nameIn(rules, [...where.slice(0, -1), code], where.length - 1, words))
      .join('、');
  return value === '1–5' ? words.t('tier_any') : words.say('tier_fig', value);
}

function isEntry(section: string, key: string, rules: readonly Rules[]): boolean {
  return rules.some((one) => {
    const list: unknown = one[section as Section];
    return Array.isArray(list) && list.some(({ name }: Named) => name === key);
  });
}

/** The name of the entry that `where[at]` leads to, in whichever of the rules has it. */
function nameIn(rules: readonly Rules[], where: readonly string[], at: number, { language }: Words): string {
  for (const one of rules) {
    let cursor: unknown = one;
    for (const key of where.slice(0, at + 1)) {
      cursor = Array.isArray(cursor)
        ? (cursor as Named[]).find(({ name }) => name === key)
        : (cursor as Record<string, unknown> | undefined)?.[key];
    }
    if (typeof cursor === 'object' && cursor !== null && language in cursor) return String((cursor as Named)[language]);
  }
  return where[at] ?? '';
}
