/** Webhooks: which of the broker's systems are told what, and what they were not told. A secret is in an answer, once. */
import { get, patch, post } from './http.ts';

export interface Why {
  code: string;
  zh: string;
  en: string;
}

export interface WebhookKind {
  name: string;
  zh: string;
  en: string;
}

export interface Webhook {
  id: string;
  url: string;
  kinds: string[];
  /** Whose orders it hears of, where it hears of orders. */
  source: string | null;
  active: boolean;
  rotated_at: string | null;
  created_at: string;
  waiting: number;
  failed: number;
  delivered_at: string | null;
  /** It has failed often and is left alone until then. */
  resting_until: string | null;
  error: Why | null;
}

export interface Target {
  url: string;
  kinds: string[];
  source: string | null;
}

export interface Untold {
  id: string;
  kind: string;
  subject_id: string;
  attempts: number;
  error: Why | null;
  created_at: string;
  ended_at: string | null;
}

interface NewSecret {
  id: string;
  secret: string;
}

export const PAGE = 50;
const PATH = '/v1/webhooks';
/** A receiver has ten seconds to answer. */
const TEST_MS = 20_000;

export const webhooks = {
  list: () => get<{ kinds: WebhookKind[]; webhooks: Webhook[] }>(PATH),
  add: (target: Target) => post<NewSecret>(PATH, target),
  change: (id: string, target: Target) => patch(`${PATH}/${id}`, target),
  switch: (id: string, active: boolean) => patch(`${PATH}/${id}`, { active }),
  rotate: (id: string) => post<NewSecret>(`${PATH}/${id}/rotate`),
  test: (id: string) => post<{ ok: boolean; error: Why | null }>(`${PATH}/${id}/test`, {}, TEST_MS),
  failures: async (id: string, after?: string): Promise<Untold[]> => {
    const query = new URLSearchParams({ limit: String(PAGE), ...(after && { after }) });
    return (await get<{ failures: Untold[] }>(`${PATH}/${id}/failures?${query}`)).failures;
  },
  /** Tell again what had failed: these, or all of it; returns how many. */
  replay: async (id: string, ids: readonly string[] | null): Promise<number> =>
    (await post<{ count: number }>(`${PATH}/${id}/replay`, { ids })).count,
};
