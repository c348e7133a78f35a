/** Two records as people compare them: field by field, and what would move. */
import type { ClientRecord } from '../api/merge.ts';
import { money } from '../studio/figure.ts';
import type { Words } from '../words/words.tsx';

export const FIELDS = [
  'name',
  'client_no',
  'phone',
  'risk_level',
  'suitability_valid_until',
  'investor_class',
  'stage',
  'manager',
  'instruments',
  'assets',
  'channels',
  'open_tickets',
  'last_active_at',
  'created_at',
] as const;

export type Field = (typeof FIELDS)[number];

/** Fields of which a difference says something about whether they are one person. */
const TELLING: ReadonlySet<Field> = new Set(['name', 'phone', 'risk_level', 'investor_class', 'manager']);

/** Whether two records say different things; what one does not know is no difference. */
export function differs(field: Field, one: ClientRecord, other: ClientRecord): boolean {
  const [a, b] = [one[field], other[field]];
  return TELLING.has(field) && a !== null && b !== null && a !== b;
}

/** A field as it is read. */
export function saidOf(field: Field, one: ClientRecord, words: Words): string {
  const { say, language } = words;
  switch (field) {
    case 'investor_class':
      return say('investor', one.investor_class);
    case 'stage':
      return say('stage', one.stage);
    case 'instruments':
      return listOf(one.instruments, words) || '—';
    case 'channels':
      return (
        listOf(
          one.channels.map((channel) => say('channel', channel)),
          words,
        ) || '—'
      );
    case 'assets':
      return one.assets === null ? '—' : money(one.assets, language);
    case 'last_active_at':
    case 'created_at': {
      const at = one[field];
      return at === null ? '—' : dayOf(at, words);
    }
    default:
      return String(one[field] ?? '—');
  }
}

/** Several things in one line: "甲、乙", "a, b". */
export function listOf(items: readonly string[], { language }: Pick<Words, 'language'>): string {
  return items.join(language === 'zh' ? '、' : ', ');
}

/** A day with its year: records are told apart by it. */
export function dayOf(iso: string, { language }: Pick<Words, 'language'>): string {
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(iso));
}

/** "赵** ****0001", or what is known of them. */
export function nameOf(one: ClientRecord | undefined): string {
  return one ? [one.name, one.client_no].filter(Boolean).join(' ') : '—';
}

/** What moves, one phrase for each kind. */
export function movesOf(moves: Readonly<Record<string, number>>, { t, say }: Words): string[] {
  return Object.entries(moves).map(([kind, n]) => {
    const word = say('merge_m', kind);
    return word === kind ? `${kind} ${n}` : t(`merge_m_${kind}` as 'merge_m_tag', { n });
  });
}

/** Two at most are compared: choosing a third lets the first go. */
export function chosenWith(chosen: readonly ClientRecord[], one: ClientRecord): ClientRecord[] {
  const rest = chosen.filter(({ id }) => id !== one.id);
  return rest.length < chosen.length ? rest : [...rest.slice(-1), one];
}
