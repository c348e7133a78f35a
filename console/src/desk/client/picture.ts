/** What the client's whole picture says: tiers in words, what a word of theirs will change, what they want where. */
import { shortMoment } from '../../shared/moment.ts';
import type { Answer, ClientTier, ConsentDraft, ConsentWord, Insight, Preference } from '../api/insight.ts';
import type { BoundIdentity } from '../api/types.ts';
import { count, money } from '../studio/figure.ts';
import type { Words } from '../words/words.tsx';

export const TIERS = ['layer', 'stage', 'asset_band', 'frequency_band', 'risk_band', 'loyalty_band'] as const;
export const CREDITS = ['credit_risk', 'credit_term', 'credit_size', 'credit_style'] as const;
export const CATEGORIES = ['marketing', 'service', 'account', 'trade', 'risk', 'ticket'] as const;
export const CHANNELS = ['wechat', 'kf', 'wecom', 'chat', 'push', 'sms', 'email', 'voice'] as const;
/** The category, and the place, that stands for every one. */
export const ALL = 'all';

const RATIOS = new Set(['margin_usage', 'risk_ratio', 'drawdown', 'financing_ratio']);
const MONEY = new Set(['assets', 'turnover_90d']);
const SCORES = new Set(['recency', 'frequency', 'monetary']);

/** "高风险 · 短线 · 高净值 · 主动型"; null without margin trading. */
export function creditOf(tier: ClientTier, language: Words['language']): string | null {
  const known = CREDITS.flatMap((one) => tier[one]?.[language] ?? []);
  return known.length > 0 ? known.join(' · ') : null;
}

/** How a churn risk is to be seen: from a half on it is bad. */
export function churnTone(risk: number): 'good' | 'warn' | 'bad' {
  if (risk >= 0.5) return 'bad';
  return risk >= 0.25 ? 'warn' : 'good';
}

export function percent(part: number): string {
  return `${Math.round(part * 1000) / 10}%`;
}

/** A figure by its name, as people read it; a dash where it is not known. */
export function figureOf(name: string, insight: Insight, riskLevel: string | null, words: Words): string {
  if (SCORES.has(name)) return insight.tier ? words.t('picture_score', { n: insight.tier[name as 'recency'] }) : '—';
  const value = name === 'risk_level' ? riskLevel : insight.figures[name];
  if (value === null || value === undefined || value === '') return '—';
  if (name.endsWith('_at')) return dayOf(String(value), words.language);
  if (typeof value === 'string') return value;
  if (MONEY.has(name)) return money(value, words.language);
  if (RATIOS.has(name)) return percent(value);
  return count(Math.round(value * 10) / 10, words.language);
}

/** "2026/11/3": the day alone, with its year. */
export function dayOf(iso: string, language: Words['language']): string {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB').format(new Date(iso));
}

/** What was said at one address: a word for each category, the general one first; no word, no line. */
export interface Place {
  identity: BoundIdentity;
  words: ConsentWord[];
}

export function placesOf(identities: readonly BoundIdentity[], consents: readonly ConsentWord[]): Place[] {
  const order = [ALL, ...CATEGORIES] as string[];
  const rank = ({ category }: ConsentWord): number => (order.indexOf(category) + order.length) % order.length;
  return identities.map((identity) => ({
    identity,
    words: consents.filter((one) => one.identity_id === identity.id).sort((a, b) => rank(a) - rank(b)),
  }));
}

/** Whether marketing may go to an address: only a yes lets it, and a no to everything forbids it. */
export function mayMarket({ words }: Place): boolean {
  const said = (category: string): Answer | undefined => words.find((one) => one.category === category)?.state;
  return said('marketing') === 'yes' && said(ALL) !== 'no';
}

/** The addresses that a word is for: one by its id, those of a channel, or all. */
export function chosenOf(places: readonly Place[], where: string): Place[] {
  return places.filter(({ identity }) => [ALL, identity.id, `channel:${identity.channel}`].includes(where));
}

export interface Filled {
  where: string;
  category: string;
  value: Answer;
  source: string;
  note: string;
  /** Null for now. */
  saidAt: string | null;
}

/** What a form says, as the service takes it. */
export function draftOf({ where, category, value, source, note, saidAt }: Filled): ConsentDraft {
  const isChannel = where === ALL || where.startsWith('channel:');
  return {
    ...(isChannel ? { channel: where.replace('channel:', '') } : { identity: where }),
    ...{ category, value, source, note: note.trim() },
    ...(saidAt ? { said_at: saidAt } : {}),
  };
}

/** What follows when this is recorded, one sentence each, before it is done. */
export function effectsOf(filled: Omit<Filled, 'source' | 'note'>, places: readonly Place[], words: Words): string[] {
  const { t, say } = words;
  const { category, value, saidAt } = filled;
  const chosen = chosenOf(places, filled.where);
  const newer = chosen.filter((place) => newerAt(place, category, saidAt) !== null);
  const moved = chosen.filter((place) => !newer.includes(place));
  const said: string[] = [];
  const list = (some: readonly Place[]): string =>
    [...new Set(some.map(({ identity }) => say('channel', identity.channel)))].join(t('picture_comma'));
  if (moved.length > 0) {
    const where = list(moved);
    if (value === 'no') said.push(t(noWord(category), { where, what: say('category', category) }));
    else said.push(t(yesWord(category), { where, what: say('category', category) }));
  }
  const barred = moved.filter(({ words: kept }) => kept.some((one) => one.category === ALL && one.state === 'no'));
  if (value === 'yes' && category !== ALL && barred.length > 0)
    said.push(t('picture_effectBarred', { where: list(barred) }));
  for (const place of newer)
    said.push(
      t('picture_effectOlder', {
        where: say('channel', place.identity.channel),
        at: shortMoment(newerAt(place, category, saidAt)!, words.language),
      }),
    );
  return said;
}

function noWord(category: string): 'picture_effectNoAll' | 'picture_effectNoMarketing' | 'picture_effectNo' {
  if (category === ALL) return 'picture_effectNoAll';
  return category === 'marketing' ? 'picture_effectNoMarketing' : 'picture_effectNo';
}

function yesWord(category: string): 'picture_effectYesAll' | 'picture_effectYesMarketing' | 'picture_effectYes' {
  if (category === ALL) return 'picture_effectYesAll';
  return category === 'marketing' ? 'picture_effectYesMarketing' : 'picture_effectYes';
}

/** When something newer was said at an address on a category than at `saidAt`; null if nothing was. */
function newerAt({ words }: Place, category: string, saidAt: string | null): string | null {
  const kept = saidAt ? words.find((one) => one.category === category) : undefined;
  return kept && saidAt && Date.parse(kept.at) > Date.parse(saidAt) ? kept.at : null;
}

/** "phone" of "phone:0198…": how a word came. */
export function sourceOf(source: string): string {
  return source.split(':', 1)[0]!;
}

export type Level = 'first' | 'also' | 'open' | 'never';
const WEIGHTS: Readonly<Record<Exclude<Level, 'open'>, number>> = { first: 100, also: 50, never: -1 };

export function levelOf(weight: number): Level {
  if (weight < 0) return 'never';
  return weight >= 75 ? 'first' : 'also';
}

/** What the client stated of a kind of message, by channel; what they did not name is open. */
export function statedOf(preferences: readonly Preference[], category: string): Record<string, Level> {
  const stated = preferences.filter((one) => one.origin === 'stated' && one.category === category);
  return Object.fromEntries(stated.map((one) => [one.channel, levelOf(one.weight)]));
}

/** As the service keeps it; who leaves everything open takes it back. */
export function weightsOf(levels: Readonly<Record<string, Level>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(levels).flatMap(([channel, level]) => (level === 'open' ? [] : [[channel, WEIGHTS[level]]])),
  );
}

/** The channels that a wish may name: where the client is known, and what they named before. */
export function channelsOf(identities: readonly BoundIdentity[], preferences: readonly Preference[]): string[] {
  const known = new Set([...identities, ...preferences].map(({ channel }) => channel));
  return CHANNELS.filter((one) => known.has(one));
}
