/** Which column of a file is what, and what is wrong with it before anybody asks the service. */
import type { Column, Look, Mapping } from '../api/importing.ts';

const SAMPLES = 3;

/** The first different values of a column. */
export function samplesOf(look: Look, header: string): string[] {
  const at = look.header.indexOf(header);
  const values = look.sample.map((row) => row[at] ?? '').filter((value) => value !== '');
  return [...new Set(values)].slice(0, SAMPLES);
}

/** The mapping with a header that is this column, or is left out. */
export function withColumn(mapping: Mapping, header: string, column: string | null): Mapping {
  const rest = Object.fromEntries(Object.entries(mapping).filter(([one]) => one !== header));
  return column === null ? rest : { ...rest, [header]: column };
}

export interface Problem {
  word: 'import_missing' | 'import_twice';
  column: Column;
}

/** Columns that are needed and not there, or there twice. */
export function problemsOf(mapping: Mapping, columns: readonly Column[]): Problem[] {
  const named = Object.values(mapping);
  return columns.flatMap((column): Problem[] => {
    const times = named.filter((name) => name === column.name).length;
    if (times > 1) return [{ word: 'import_twice', column }];
    return column.needed && times === 0 ? [{ word: 'import_missing', column }] : [];
  });
}
