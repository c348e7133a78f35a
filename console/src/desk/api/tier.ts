/** The rules by which clients are put into layers, in versions, and each computation of everybody's tiers. */
import { get, post, put } from './http.ts';

/** The lowest and the highest score that fit, from 1 to 5. */
export type Span = [number, number];

export interface Named {
  name: string;
  zh: string;
  en: string;
}

export interface Layer extends Named {
  recency: Span;
  frequency: Span;
  monetary: Span;
  churn_from: number;
}

export interface Band extends Named {
  at_least: number;
}

export interface Reason extends Named {
  figure: string;
  at_least: number;
  weight: number;
}

/** Money is yuan, ratios and weights are parts of one, days are calendar days. */
export interface Rules {
  scores: { recency: string; frequency: string; monetary: string };
  layers: Layer[];
  assets: Band[];
  frequency: Band[];
  risk: {
    levels: Record<string, number>;
    margin_usage_from: number;
    margin_usage_points: number;
    drawdown_from: number;
    drawdown_points: number;
    bands: Band[];
  };
  loyalty: {
    year_points: number;
    year_cap: number;
    active_days: number;
    active_points: number;
    complaint_points: number;
    bands: Band[];
  };
  credit: { risk: Band[]; short_below_days: number; size: Band[]; active_from: number };
  stage: { new_days: number; mature_days: number; silent_days: number; lost_days: number };
  churn: Reason[];
}

export interface RuleVersion {
  version: number;
  author: string | null;
  at: string;
}

export interface TierRules {
  version: number;
  rules: Rules;
  shipped: Rules;
  history: RuleVersion[];
}

export interface TierRun {
  id: string;
  /** Who asked for it; null where the night did. */
  person: string | null;
  state: 'running' | 'done' | 'failed';
  step: string;
  version: number;
  clients: number | null;
  changed: number | null;
  layers: Record<string, number>;
  moves: { before: string; after: string; clients: number }[];
  at: string;
  ended_at: string | null;
}

const PATH = '/v1/tiers';

export const tiers = {
  rules: () => get<TierRules>(`${PATH}/rules`),
  version: async (version: number) => (await get<{ rules: Rules }>(`${PATH}/rules/${version}`)).rules,
  change: (version: number, rules: Rules) =>
    put<{ version: number; rules: Rules }>(`${PATH}/rules`, { version, rules }),
  runs: async () => (await get<{ runs: TierRun[] }>(`${PATH}/runs`)).runs,
  compute: () => post<{ ok: true }>(`${PATH}/runs`),
};
