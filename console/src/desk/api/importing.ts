/** Files of clients: handed in, mapped, tried out, imported or thrown away. */
import { get, post, upload } from './http.ts';

export interface ClientImport {
  id: string;
  file_name: string;
  state: 'checked' | 'imported' | 'cancelled';
  rows: number;
  good: number;
  person: string;
  at: string;
  ended_at: string | null;
}

/** Something that an import may know of a client. */
export interface Column {
  name: string;
  zh: string;
  en: string;
  needed: boolean;
}

/** Which header of the file is which column. */
export type Mapping = Record<string, string>;

export interface Look {
  id: string;
  header: string[];
  mapping: Mapping;
  rows: number;
  /** The first rows, masked. */
  sample: string[][];
}

export interface Flaw {
  row: number;
  column: string;
  zh: string;
  en: string;
}

export interface Check {
  rows: number;
  good: number;
  new: number;
  known: number;
  bad: number;
  flaws: Flaw[];
}

export interface Done {
  clients: number;
  new: number;
  /** Addresses that were not kept: they are another client's. */
  taken: number;
}

const PATH = '/v1/clients/imports';
/** 200,000 rows take their time. */
const PATIENCE_MS = 300_000;

export const MOST_BYTES = 20 * 1024 * 1024;

export const imports = {
  list: () => get<{ imports: ClientImport[]; columns: Column[] }>(PATH),
  get: (id: string) => get<{ import: ClientImport; look: Look | null }>(`${PATH}/${id}`),
  open: (file: File) =>
    upload<Look>(`${PATH}?${new URLSearchParams({ file_name: file.name.slice(0, 200) })}`, file, PATIENCE_MS),
  check: (id: string, mapping: Mapping) => post<Check>(`${PATH}/${id}/check`, { mapping }, PATIENCE_MS),
  run: (id: string) => post<Done>(`${PATH}/${id}/run`, {}, PATIENCE_MS),
  cancel: (id: string) => post<{ ok: true }>(`${PATH}/${id}/cancel`),
  errorsAddress: (id: string) => `${PATH}/${id}/errors`,
};
