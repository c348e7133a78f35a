/** The tree of an audience as the builder changes it: every function returns a new tree. */
import type { AudienceLanguage, Expression, Field } from '../api/audience.ts';

/** Whom a new audience means before anybody has said it: who may be written to. */
export const NEW_GROUP: Group = {
  kind: 'all',
  of: [{ kind: 'consent', category: 'marketing', is: 'yes', channel: null }],
};

export type Group = Extract<Expression, { kind: 'all' | 'any' }>;
export type Comparison = Extract<Expression, { kind: 'profile' | 'tier' }>;

export const RISK_LEVELS = ['C1', 'C2', 'C3', 'C4', 'C5'] as const;

export function isGroup(one: Expression): one is Group {
  return one.kind === 'all' || one.kind === 'any';
}

/** What a condition is about, as one word for the list of what may be chosen. */
export function subjectOf(one: Expression): string {
  if (one.kind === 'profile' || one.kind === 'tier') return `${one.kind}:${one.field}`;
  return one.kind === 'event' ? `event:${one.type}` : one.kind;
}

/** The condition with which a subject begins. */
export function beginWith(subject: string, language: AudienceLanguage): Expression {
  const [kind, name = ''] = subject.split(':');
  if (kind === 'event') return { kind: 'event', type: name, days: 30, is: 'at_least', count: 1 };
  if (kind === 'tag') return { kind: 'tag', any: [] };
  if (kind === 'consent') return { kind: 'consent', category: 'marketing', is: 'yes', channel: null };
  if (kind === 'channel') return { kind: 'channel', channel: language.channels[0]?.channel ?? 'wechat' };
  if (kind === 'campaign') return { kind: 'campaign', campaign_id: '', is: 'reached' };
  const of = kind === 'tier' ? 'tier' : 'profile';
  const field = findField(language, of, name);
  return { kind: of, field: name, ...compareWith(field, preferred(field)) };
}

export function findField(language: AudienceLanguage, kind: 'profile' | 'tier', name: string): Field | undefined {
  return language[kind].find((field) => field.field === name);
}

/** A comparison with a value that fits it, so that it can be counted at once where that makes sense. */
export function compareWith(field: Field | undefined, is: string): { is: string; value?: unknown } {
  if (is === 'known' || is === 'unknown') return { is };
  if (['in', 'not_in', 'has_any', 'has_none'].includes(is)) return { is, value: [] };
  if (['within', 'not_within', 'within_next'].includes(is)) return { is, value: 30 };
  if (field?.type === 'level') return { is, value: 'C3' };
  if (field?.type === 'day') return { is, value: new Date().toISOString().slice(0, 10) };
  if (field?.unit === '%') return { is, value: 0.8 };
  return { is, value: field?.unit === 'CNY' ? 100_000 : 1 };
}

/** Whether every condition says something; an empty list of words, for one, does not. */
export function isComplete(one: Expression): boolean {
  switch (one.kind) {
    case 'all':
    case 'any':
      return one.of.length > 0 && one.of.every(isComplete);
    case 'not':
      return isComplete(one.of);
    case 'profile':
    case 'tier':
      return one.is === 'known' || one.is === 'unknown' || isGiven(one.value);
    case 'tag':
      return one.any.length > 0;
    case 'campaign':
      return one.campaign_id !== '';
    default:
      return true;
  }
}

/** A single condition as a group, so that there is always something to add to. */
export function asGroup(one: Expression): Group {
  return isGroup(one) ? one : { kind: 'all', of: [one] };
}

export function replaceAt<One>(list: readonly One[], at: number, one: One): One[] {
  return list.map((before, n) => (n === at ? one : before));
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined && value !== '';
}

function preferred(field: Field | undefined): string {
  const wish = ['at_least', 'in', 'has_any', 'within', 'within_next'];
  return wish.find((is) => field?.is.includes(is)) ?? field?.is[0] ?? 'known';
}
