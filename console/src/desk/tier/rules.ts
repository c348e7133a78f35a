/** The rules of layers as the screens read, check and compare them. */
import type { Band, Layer, Named, Reason, Rules, Span, TierRun } from '../api/tier.ts';

export type Section = keyof Rules;

export const SECTIONS: readonly Section[] = [
  'layers',
  'scores',
  'assets',
  'frequency',
  'risk',
  'loyalty',
  'credit',
  'stage',
  'churn',
];

/** Figures that are parts of one and are written in percent. */
export const PERCENT: ReadonlySet<string> = new Set([
  'churn_from',
  'weight',
  'margin_usage_from',
  'drawdown_from',
  'credit.risk.at_least',
  'churn.drawdown.at_least',
  'churn.margin_usage.at_least',
]);

export const WHOLE: Span = [1, 5];

/** What is wrong with the rules before they are handed in: a word of the catalogue and what goes into it. */
export interface Fault {
  word: 'tier_wrong_bands' | 'tier_wrong_name' | 'tier_wrong_code' | 'tier_wrong_last' | 'tier_wrong_number';
  values: Record<string, string>;
}

const CODE = /^[a-z][a-z0-9_]{0,39}$/;

/** What is wrong with one section, most important first; empty if it can be kept. */
export function faultsOf(section: Section, rules: Rules): Fault[] {
  const part = rules[section];
  return [...listsOf(section, rules).flatMap(([, list]) => listFaults(list)), ...bandFaults(section, rules)].concat(
    section === 'layers' ? layerFaults(rules.layers) : [],
    hasHole(part) ? [{ word: 'tier_wrong_number', values: {} }] : [],
  );
}

/** The lists of named things within a section. */
function listsOf(section: Section, rules: Rules): [string, Named[]][] {
  switch (section) {
    case 'layers':
    case 'assets':
    case 'frequency':
    case 'churn':
      return [[section, rules[section]]];
    case 'risk':
    case 'loyalty':
      return [['bands', rules[section].bands]];
    case 'credit':
      return [
        ['risk', rules.credit.risk],
        ['size', rules.credit.size],
      ];
    default:
      return [];
  }
}

function listFaults(list: readonly Named[]): Fault[] {
  const faults: Fault[] = [];
  const codes = list.map(({ name }) => name);
  for (const one of list) {
    if (!one.zh.trim() || !one.en.trim()) faults.push({ word: 'tier_wrong_name', values: { name: one.name } });
    if (!CODE.test(one.name) || codes.filter((name) => name === one.name).length > 1)
      faults.push({ word: 'tier_wrong_code', values: { name: one.name } });
  }
  return faults;
}

function bandFaults(section: Section, rules: Rules): Fault[] {
  if (section === 'layers' || section === 'churn') return [];
  return listsOf(section, rules).flatMap(([, list]) => {
    const starts = (list as Band[]).map(({ at_least: start }) => start);
    const falls = starts.every((start, n) => n === 0 || start < (starts[n - 1] ?? 0));
    return falls && starts.length >= 2 ? [] : [{ word: 'tier_wrong_bands' as const, values: {} }];
  });
}

function layerFaults(layers: readonly Layer[]): Fault[] {
  const last = layers.at(-1);
  const isOpen =
    last &&
    last.churn_from === 0 &&
    [last.recency, last.frequency, last.monetary].every(([low, high]) => low === 1 && high === 5);
  return isOpen ? [] : [{ word: 'tier_wrong_last', values: {} }];
}

function hasHole(part: unknown): boolean {
  if (part === null || part === undefined || Number.isNaN(part)) return true;
  return typeof part === 'object' && Object.values(part).some(hasHole);
}

/** One figure or word that differs between two versions; `where` leads to it, by codes. */
export interface Change {
  where: string[];
  before: string | number | null;
  after: string | number | null;
}

/** What differs between two versions of rules. Things in lists are told apart by their code, not their place. */
export function changesOf(before: unknown, after: unknown, where: string[] = []): Change[] {
  if (isLeaf(before) && isLeaf(after)) {
    const [was, is] = [leaf(before), leaf(after)];
    return was === is ? [] : [{ where, before: was, after: is }];
  }
  const old = entriesOf(before);
  const now = entriesOf(after);
  const keys = [...new Set([...now.keys(), ...old.keys()])];
  const inner = keys.flatMap((key): Change[] => {
    if (!old.has(key)) return [{ where: [...where, key], before: null, after: nameOf(now.get(key)) }];
    if (!now.has(key)) return [{ where: [...where, key], before: nameOf(old.get(key)), after: null }];
    return changesOf(old.get(key), now.get(key), [...where, key]);
  });
  const common = (from: Map<string, unknown>): string =>
    [...from.keys()].filter((key) => old.has(key) && now.has(key)).join();
  const isMoved = Array.isArray(after) && isNamed(after[0]) && common(old) !== common(now);
  return isMoved ? [...inner, { where: [...where, 'order'], before: common(old), after: common(now) }] : inner;
}

function isLeaf(value: unknown): boolean {
  return typeof value !== 'object' || value === null || (Array.isArray(value) && !isNamed(value[0]));
}

function leaf(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  return Array.isArray(value) ? value.join('–') : (value as string | number);
}

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'name' in value;
}

function entriesOf(value: unknown): Map<string, unknown> {
  if (Array.isArray(value)) return new Map(value.map((one: Named) => [one.name, one]));
  return new Map(Object.entries((value ?? {}) as object));
}

function nameOf(value: unknown): string | number | null {
  return isNamed(value) ? value.zh : leaf(isLeaf(value) ? value : JSON.stringify(value));
}

/** Whether two sections say the same. */
export function isSame(one: unknown, other: unknown): boolean {
  return changesOf(one, other).length === 0;
}

/** A code that no other entry has. */
export function freeCode(list: readonly Named[], stem: string): string {
  let n = list.length + 1;
  while (list.some(({ name }) => name === `${stem}_${n}`)) n += 1;
  return `${stem}_${n}`;
}

/** The list with one entry changed, moved by `by` places, or taken out. */
export function withEntry<One>(list: readonly One[], at: number, change: Partial<One>): One[] {
  return list.map((one, n) => (n === at ? { ...one, ...change } : one));
}

export function moved<One>(list: readonly One[], at: number, by: number): One[] {
  const to = at + by;
  const one = list[at];
  if (one === undefined || to < 0 || to >= list.length) return [...list];
  const rest = list.filter((_, n) => n !== at);
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}

export function without<One>(list: readonly One[], at: number): One[] {
  return list.filter((_, n) => n !== at);
}

/** Whether a figure at this place is a part of one, shown in percent. */
export function isPercent(section: Section, field: string, of?: string): boolean {
  return (
    PERCENT.has(field) ||
    PERCENT.has(`${section}.${field}`) ||
    (of !== undefined && PERCENT.has(`${section}.${of}.${field}`))
  );
}

const GIVE_UP_MS = 20 * 60_000;

/** How a run stands: one that began long ago and never ended was cut off with its process. */
export function standOf(run: TierRun, now: number): TierRun['state'] {
  return run.state === 'running' && now - Date.parse(run.at) > GIVE_UP_MS ? 'failed' : run.state;
}

export const STEPS = ['count', 'lines', 'score', 'write'] as const;

/** How far a run is, in percent: a step counts once it is over. */
export function progressOf(run: TierRun): number {
  if (run.state === 'done') return 100;
  const at = STEPS.findIndex((step) => step === run.step);
  return Math.round((Math.max(0, at) / STEPS.length) * 100) + 5;
}

export interface Bar {
  name: string;
  clients: number;
  /** From 0 to 1, of all clients. */
  share: number;
  /** How many more than in the run before; null without one. */
  change: number | null;
}

/** The layers of a run as bars: in the order of the rules, those that the rules no longer have at the end. */
export function barsOf(run: TierRun, before: TierRun | null, layers: readonly Named[]): Bar[] {
  const known = layers.map(({ name }) => name);
  const names = [...known, ...Object.keys(run.layers).filter((name) => !known.includes(name))];
  const total = Object.values(run.layers).reduce((sum, n) => sum + n, 0);
  return names.map((name) => {
    const clients = run.layers[name] ?? 0;
    return {
      name,
      clients,
      share: total > 0 ? clients / total : 0,
      change: before ? clients - (before.layers[name] ?? 0) : null,
    };
  });
}

export function isReason(one: Named): one is Reason {
  return 'weight' in one;
}
