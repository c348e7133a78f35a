/** Records that are one person: found, laid side by side, merged and split again. */
import { get, post } from './http.ts';

/** A client's record; name, number and phone are masked. */
export interface ClientRecord {
  id: string;
  client_no: string;
  name: string | null;
  phone: string | null;
  risk_level: string | null;
  suitability_valid_until: string | null;
  investor_class: string | null;
  stage: string | null;
  manager: string | null;
  instruments: string[];
  created_at: string;
  merged_into: string | null;
  channels: string[];
  open_tickets: number;
  /** CNY. */
  assets: number | null;
  last_active_at: string | null;
}

export interface Comparison {
  kept: ClientRecord;
  gone: ClientRecord;
  /** How many rows of each kind a merge would move. */
  moves: Record<string, number>;
  /** False where both phones are known and differ. */
  is_alike: boolean;
  /** Why they cannot be merged now. */
  refusal: { zh: string; en: string } | null;
}

export interface Merge {
  id: string;
  kept_id: string;
  gone_id: string;
  person: string | null;
  reason: string;
  at: string;
  undone_at: string | null;
  moved: Record<string, number>;
}

export interface Doubles {
  /** Ids of those who share a phone, the record that was made first in front. */
  groups: string[][];
  clients: ClientRecord[];
}

const PATH = '/v1/clients';
const pair = (kept: string): string => `/v1/desk/clients/${kept}/merges`;

export const merges = {
  doubles: () => get<Doubles>(`${PATH}/doubles`),
  list: () => get<{ merges: Merge[]; clients: ClientRecord[] }>(`${PATH}/merges`),
  lookUp: async (number: string) => (await post<{ clients: ClientRecord[] }>(`${PATH}/lookup`, { number })).clients,
  compare: (kept: string, gone: string) => get<Comparison>(`${pair(kept)}/${gone}`),
  merge: (kept: string, other: string, reason: string, isSure: boolean) =>
    post<{ id: string; moved: Record<string, number> }>(pair(kept), { other, reason, is_sure: isSure }),
  undo: (id: string, reason: string) => post<unknown>(`${PATH}/merges/${id}/undo`, { reason }),
};
