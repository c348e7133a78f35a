/** The client's whole picture: figures, tiers with their reasons, consents, preferences, tags. */
import { get, post } from './http.ts';

export interface Name {
  name: string;
  zh: string;
  en: string;
}

/** What the rules make of a client's figures; `credit_*` is null without margin trading. */
export interface ClientTier {
  recency: number;
  frequency: number;
  monetary: number;
  layer: Name;
  asset_band: Name;
  frequency_band: Name;
  risk_band: Name;
  loyalty_band: Name;
  credit_risk: Name | null;
  credit_term: Name | null;
  credit_size: Name | null;
  credit_style: Name | null;
  stage: Name;
  churn_risk: number;
  churn_reasons: Name[];
  computed_at: string;
}

/** Why: the rule in words, and the figures that it reads; what the rules no longer know is not there. */
export interface Why {
  tiers: Partial<Record<string, { zh: string; en: string; figures: string[] }>>;
  churn: Partial<Record<string, { figure: string; weight: number }>>;
}

export type Answer = 'yes' | 'no';

/** The newest word at an address on a category; `person` wrote it down where the client told staff. */
export interface ConsentWord {
  identity_id: string;
  channel: string;
  account: string;
  category: string;
  state: Answer;
  source: string;
  at: string;
  person: string | null;
  note: string | null;
}

export interface Preference {
  category: string;
  channel: string;
  /** Below 0 the client does not want it there. */
  weight: number;
  origin: 'stated' | 'learned';
}

export interface ChannelResponse {
  channel: string;
  sent: number;
  answered: number;
  failed: number;
  last_inbound_at: string | null;
  rate: number;
}

export interface Insight {
  figures: Record<string, string | number | null>;
  tier: ClientTier | null;
  why: Why | null;
  tags: { tag: string; source: string; at: string; expires_at: string | null }[];
  consents: ConsentWord[];
  preferences: Preference[];
  responses: ChannelResponse[];
}

/** What a client told staff: at one address (`identity`), or at all of a channel (`all`: everywhere). */
export interface ConsentDraft {
  identity?: string;
  channel?: string;
  category: string;
  value: Answer;
  source: string;
  note: string;
  said_at?: string;
}

export const insights = {
  get: (clientId: string) => get<Insight>(`/v1/desk/clients/${clientId}/insight`),
  state: (clientId: string, category: string, weights: Record<string, number>) =>
    post(`/v1/desk/clients/${clientId}/preferences`, { category, weights }),
  record: async (clientId: string, draft: ConsentDraft) =>
    (await post<{ consents: ConsentWord[] }>(`/v1/desk/clients/${clientId}/consents`, draft)).consents,
};
