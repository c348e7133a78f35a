/** Campaigns: one content to an audience, from a draft to its results. */
import { get, post, put } from './http.ts';
import type { Expression } from './audience.ts';

export interface Campaign {
  id: string;
  name: string;
  state: string;
  category: string;
  channels: string[];
  audience: { zh: string; en: string };
  content: { id: string; key: string; title: string; state: string };
  /** Why nothing of it is sent any more, if so. */
  why: { zh: string; en: string } | null;
  author: string | null;
  approver: string | null;
  planned: number;
  repeat_of: string | null;
  starts_at: string | null;
  planned_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  created_at: string;
  /** What this person may do with it now. */
  deeds: string[];
}

export type Schedule =
  | { kind: 'now' }
  | { kind: 'once'; at: string }
  | { kind: 'daily'; time: string; until?: string | null }
  | { kind: 'weekly'; weekdays: number[]; time: string; until?: string | null }
  | { kind: 'monthly'; days: number[]; time: string; until?: string | null }
  | { kind: 'trading'; exchange: string; session: 'open' | 'close'; minutes: number; until?: string | null };

/** What a campaign itself says for a field of its content. */
export type Value = string | number | string[];
export type ValueKind = 'text' | 'number' | 'moment' | 'day' | 'address' | 'lines';
export type CheckStep = 'content' | 'audience' | 'plan';

/** Something about a campaign: `wrong` is refused when saved, `missing` when handed in. */
export interface Finding {
  grade: 'wrong' | 'missing' | 'note';
  step: CheckStep;
  field: string | null;
  zh: string;
  en: string;
}

/** A field that the content names, and what fills it. */
export interface Blank {
  name: string;
  zh: string;
  en: string;
  kind: ValueKind;
  source: 'house' | 'client' | 'campaign' | 'event';
  is_needed: boolean;
}

export interface Checked {
  findings: Finding[];
  fields: Blank[];
  count: number | null;
  total: number | null;
}

export interface CampaignDraft {
  name: string;
  content_id: string;
  expression: Expression;
  channels: string[];
  /** Each arm's weight. */
  arms: Record<string, number>;
  /** The part of the audience that gets nothing, for comparison. */
  hold_out: number;
  schedule: Schedule;
  per_second: number | null;
  goal: string | null;
  not_after: string | null;
  /** By the names of the content's fields. */
  values: Record<string, Value>;
}

export type CampaignInFull = Campaign & Omit<CampaignDraft, 'content_id' | 'name' | 'channels'>;

export interface ArmResult {
  arm: string;
  n: number;
  hits: number;
  rate: number | null;
  low: number | null;
  high: number | null;
}

export interface Results {
  state: string;
  planned: number;
  counts: Record<string, number>;
  channels: { channel: string; counts: Record<string, number> }[];
  reasons: { state: string; reason: string; count: number; zh: string; en: string }[];
  cost: number | null;
  test: {
    goal: string;
    arms: ArmResult[];
    comparisons: {
      one: string;
      other: string;
      difference: number;
      p: number;
      is_chance: boolean;
      zh: string;
      en: string;
    }[];
  };
}

/** What came of one arm on one channel, in clients. */
export interface Cell {
  arm: string;
  channel: string;
  planned: number;
  held: number;
  sent: number;
  /** Those of what was sent, as SMS. */
  parts: number;
  delivered: number;
  read: number;
  clicked: number;
  replied: number;
  unsubscribed: number;
  /** Null unless the goal is an event. */
  converted: number | null;
  /** Null where nobody has said the price. */
  cost: number | null;
}

export interface Recipient {
  client_id: string;
  client_no: string;
  name: string;
  state: string;
  arm: string | null;
  channel: string | null;
  message: string | null;
  reason: string | null;
  zh: string | null;
  en: string | null;
  due_at: string | null;
}

export interface Trial {
  client_id: string;
  channel: string;
  outbox_id: string | null;
  reason: string | null;
}

export interface Tester {
  id: string;
  client_no: string;
  name: string;
}

export type Deed = 'submit' | 'approve' | 'launch' | 'pause' | 'resume' | 'cancel';

const PATH = '/v1/campaigns';

export const campaigns = {
  list: async () => (await get<{ campaigns: Campaign[] }>(PATH)).campaigns,
  get: async (id: string) => (await get<{ campaign: CampaignInFull }>(`${PATH}/${id}`)).campaign,
  results: (id: string) => get<Results>(`${PATH}/${id}/results`),
  breakdown: async (id: string) => (await get<{ cells: Cell[] }>(`${PATH}/${id}/breakdown`)).cells,
  recipients: async (id: string, reason: string, after?: string) =>
    (
      await get<{ recipients: Recipient[] }>(
        `${PATH}/${id}/recipients?${new URLSearchParams({ reason, ...(after ? { after } : {}) })}`,
      )
    ).recipients,
  create: (draft: CampaignDraft) => post<{ id: string }>(PATH, draft),
  change: (id: string, draft: CampaignDraft) => put<{ ok: boolean }>(`${PATH}/${id}`, draft),
  /** Without an audience or channels yet, `expression` is {} and `channels` are none. */
  check: (draft: Omit<CampaignDraft, 'expression'> & { expression: Expression | Record<string, never> }) =>
    post<Checked>(`${PATH}/check`, draft),
  copy: (id: string) => post<{ id: string }>(`${PATH}/${id}/copy`),
  do: (id: string, deed: Deed) => post<{ ok: boolean; count?: number; total?: number }>(`${PATH}/${id}/${deed}`),
  sendBack: (id: string, note: string) => post<{ ok: boolean }>(`${PATH}/${id}/send-back`, { note }),
  testers: async () => (await get<{ clients: Tester[] }>(`${PATH}/test-clients`)).clients,
  tryOut: async (id: string, clients: string[], arm: string) =>
    (await post<{ sent: Trial[] }>(`${PATH}/${id}/test`, { client_ids: clients, arm })).sent,
};
