/** Client events that nobody could handle: seen, corrected, and handled once more. */
import { get, post } from './http.ts';

export type KeptState = 'unknown_client' | 'unknown_type' | 'failed';

/** Client number and name are masked. */
export interface KeptEvent {
  id: string;
  source: string;
  key: string;
  type: string;
  state: KeptState;
  reason: string | null;
  at: string;
  received_at: string;
  figures: Record<string, string | number | boolean | null>;
  client_id: string | null;
  client_no: string;
  name: string;
}

export interface KeptPage {
  events: KeptEvent[];
  /** How many there are in each state; `new` wait to be handled. */
  counts: Partial<Record<KeptState | 'new', number>>;
}

export interface EventType {
  name: string;
  zh: string;
  en: string;
  figures: Record<string, { zh: string; en: string; unit: string; needed: boolean }>;
}

export interface Fix {
  client_no?: string;
  type?: string;
}

export const PAGE = 50;
const PATH = '/v1/events';

export const events = {
  kept: (before?: string) =>
    get<KeptPage>(`${PATH}/kept?${new URLSearchParams({ limit: String(PAGE), ...(before ? { before } : {}) })}`),
  types: async () => (await get<{ types: EventType[] }>(`${PATH}/types`)).types,
  replay: async (ids: readonly string[]) => (await post<{ count: number }>(`${PATH}/replay`, { ids })).count,
  correct: async (id: string, fix: Fix) =>
    (await post<{ state: KeptState | 'new' }>(`${PATH}/${id}/correct`, fix)).state,
};
