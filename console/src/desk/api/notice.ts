/** Notices that a client must know of: who does and who does not, and the ladder of each urgency. */
import { get, post, put } from './http.ts';

export interface Notice {
  id: string;
  client: { id: string; name: string | null };
  category: string;
  urgency: string;
  topic: string | null;
  content_key: string | null;
  title: string | null;
  /** CNY; what is at stake. */
  exposure: number;
  state: string;
  reason: string | null;
  reached_how: string | null;
  reached_at: string | null;
  reach_by: string | null;
  /** Which step of the ladder comes next, from 0; null where there is none. */
  next_rung: number | null;
  next_at: string | null;
  revision: number;
  created_at: string;
  ended_at: string | null;
}

export interface NoticeMessage {
  id: string;
  rung: string;
  channel: string;
  account: string;
  state: string;
  reason: string | null;
  created_at: string;
  sending_at: string | null;
  ended_at: string | null;
}

export interface ProofStep {
  seq: number;
  what: string;
  at: string;
  detail: Record<string, unknown>;
  hash: string;
}

export interface NoticeInFull extends Notice {
  messages: NoticeMessage[];
  proof: ProofStep[];
}

export interface Coverage {
  total: number;
  reached: number;
  not_reached: number;
  by_state: Record<string, number>;
}

/** The states of a notice of which the client does not know yet. */
export const LIVE_STATES = ['escalated', 'unreached', 'in_progress', 'open'] as const;
const MOST = 200;
const PATH = '/v1/notices';

export const notices = {
  /** Everything that is live, up to 200 of each state; in no order. */
  live: async (urgency: string): Promise<Notice[]> => {
    const ask = (state: string): string => `${PATH}?${new URLSearchParams({ urgency, state, limit: String(MOST) })}`;
    const pages = await Promise.all(LIVE_STATES.map((state) => get<{ notices: Notice[] }>(ask(state))));
    return pages.flatMap((page) => page.notices);
  },
  coverage: (urgency: string, since: string) =>
    get<Coverage>(`${PATH}/coverage?${new URLSearchParams({ urgency, since })}`),
  get: (id: string) => get<NoticeInFull>(`${PATH}/${id}`),
  cancel: (id: string, why: string) => post<Notice>(`${PATH}/${id}/cancel`, { why }),
  proofAddress: (id: string, kind: 'pdf' | 'json') => `${PATH}/${id}/proof.${kind}`,
};

export interface Rung {
  channels: string[];
  pick: 'all' | 'best' | 'active' | 'cheapest';
  wait_minutes: number;
  reached_by: string[];
}

export interface Policy {
  rungs: Rung[];
  quiet: string | null;
  cap_per_day: number | null;
  consent: 'none' | 'no_refusal';
  gather_minutes: number;
  repeats_unknown: boolean;
  lasts_hours: number;
  escalate: { kind: string; priority: string; due_minutes: number } | null;
}

export interface Urgency {
  urgency: string;
  version: number;
  policy: Policy;
  default: Policy;
  history: { version: number; author: string | null; at: string }[];
}

export const urgencies = {
  list: async () => (await get<{ urgencies: Urgency[] }>('/v1/urgency')).urgencies,
  change: (urgency: string, version: number, policy: Policy) =>
    put<Urgency>(`/v1/urgency/${urgency}`, { version, policy }),
};
