/** Kept events as their page shows them. */
import type { EventType, Fix, KeptEvent } from '../api/event.ts';

export type Language = 'zh' | 'en';

/** Figures by their names: money in yuan, ratios in percent, what is unknown as it came. */
export function figuresOf(one: KeptEvent, types: readonly EventType[], language: Language): [string, string][] {
  const known = types.find(({ name }) => name === one.type)?.figures ?? {};
  return Object.entries(one.figures).map(([name, value]) => {
    const figure = known[name];
    if (!figure) return [name, String(value)];
    if (typeof value !== 'number') return [figure[language], String(value)];
    if (figure.unit === 'fen')
      return [figure[language], (value / 100).toLocaleString('en', { minimumFractionDigits: 2 })];
    if (figure.unit === 'part') return [figure[language], `${Number((value * 100).toFixed(2))}%`];
    return [figure[language], value.toLocaleString('en')];
  });
}

/** What a form says that differs from the event; null where nothing does. */
export function fixOf(one: KeptEvent, given: { client_no?: string; type?: string }): Fix | null {
  const number = given.client_no?.trim() ?? '';
  const fix: Fix = {
    ...(number ? { client_no: number } : {}),
    ...(given.type && given.type !== one.type ? { type: given.type } : {}),
  };
  return Object.keys(fix).length > 0 ? fix : null;
}
