/** Figures as people read them. */
import type { Language } from '../../shared/moment.ts';

const LOCALE: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };

/** "12,345". */
export function count(n: number, language: Language): string {
  return new Intl.NumberFormat(LOCALE[language]).format(n);
}

/** "¥86,400.00". */
export function money(yuan: number, language: Language): string {
  return `¥${new Intl.NumberFormat(LOCALE[language], { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(yuan)}`;
}

/** A part of a whole as "12.3 %"; a dash where there is no whole. */
export function share(part: number, whole: number): string {
  return whole > 0 ? `${(Math.round((part / whole) * 1000) / 10).toFixed(1)}%` : '—';
}
