/** Audiences: who is meant, as one tree of conditions that the service counts and says in a sentence. */
import { get, post, put, remove } from './http.ts';

export type Expression =
  | { kind: 'all' | 'any'; of: Expression[] }
  | { kind: 'not'; of: Expression }
  | { kind: 'profile' | 'tier'; field: string; is: string; value?: unknown }
  | { kind: 'tag'; any: string[] }
  | { kind: 'event'; type: string; days: number; is: string; count: number }
  | { kind: 'consent'; category: string; is: string; channel?: string | null }
  | { kind: 'channel'; channel: string }
  | { kind: 'campaign'; campaign_id: string; is: string };

export interface Field {
  field: string;
  type: 'word' | 'level' | 'words' | 'number' | 'real' | 'day' | 'moment';
  zh: string;
  en: string;
  unit: string;
  /** The comparisons that it takes. */
  is: string[];
  /** The words that it may hold; none where any word may stand. */
  words: { word: string; zh: string; en: string }[];
}

/** What a builder may offer. */
export interface AudienceLanguage {
  profile: Field[];
  tier: Field[];
  events: { type: string; zh: string; en: string }[];
  channels: { channel: string; zh: string; en: string }[];
  operators: Record<string, { zh: string; en: string }>;
}

export interface Member {
  client_no: string;
  name: string;
  risk_level: string | null;
  manager: string | null;
}

export interface Counted {
  count: number;
  total: number;
  sentence: { zh: string; en: string };
  sample: Member[];
}

export interface NamedAudience {
  id: string;
  name: string;
  expression: Expression;
  sentence: { zh: string; en: string };
  author: string | null;
  changed_at: string;
}

/** What a named audience said from a moment on, and who wrote it. */
export interface AudienceVersion {
  at: string;
  author: string | null;
  name: string;
  expression: Expression;
  sentence: { zh: string; en: string };
}

export interface AudienceInFull {
  audience: NamedAudience;
  versions: AudienceVersion[];
}

const PATH = '/v1/audiences';

export const audiences = {
  list: async () => (await get<{ audiences: NamedAudience[] }>(PATH)).audiences,
  language: () => get<AudienceLanguage>(`${PATH}/language`),
  get: (id: string) => get<AudienceInFull>(`${PATH}/${id}`),
  count: (expression: Expression, sample = true) => post<Counted>(`${PATH}/count`, { expression, sample }),
  create: (name: string, expression: Expression) => post<{ id: string }>(PATH, { name, expression }),
  change: (id: string, name: string, expression: Expression) => put(`${PATH}/${id}`, { name, expression }),
  forget: (id: string) => remove(`${PATH}/${id}`),
};
