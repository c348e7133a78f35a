/** Journeys: what happens to a client step by step, in YAML, checked and drawn by the service. */
import { get, post } from './http.ts';

export interface Journey {
  id: string;
  key: string;
  version: number;
  title: string;
  state: string;
  author_id: string | null;
  approver_id: string | null;
  created_at: string;
  activated_at: string | null;
}

export interface GraphNode {
  id: string;
  kind: string;
  zh: string;
  en: string;
  note: string;
  /** Its place: from the top and from the left. */
  row: number;
  column: number;
}

export interface GraphEdge {
  from: string;
  to: string;
  words: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface Problem {
  line: number;
  where: string;
  zh: string;
  en: string;
  is_warning: boolean;
}

export interface Checked {
  ok: boolean;
  problems: Problem[];
  graph: Graph | null;
}

export interface JourneyInFull extends Checked {
  journey: Journey;
  definition: string;
}

export interface Where {
  waiting: { step: string; n: number }[];
  ended: { outcome: string; n: number }[];
  done: { step: string; result: string; n: number }[];
}

/** What a journey would have done; `today`: with the clients who fit now, of whom `walked` were walked. */
export interface Rehearsed {
  since: string;
  basis: 'history' | 'today';
  events: number;
  entered: number;
  walked: number;
  waiting: { step: string; n: number }[];
  done: { step: string; result: string; n: number }[];
}

/** A client who stands where the journey could not go on; number and name are masked. */
export interface StandingRun {
  client_id: string;
  entry_key: string;
  client_no: string;
  name: string;
  step: string;
  trouble: string;
  entered_at: string;
  tried_again_at: string;
}

const keysOf = (runs: readonly StandingRun[]) => ({
  runs: runs.map(({ client_id, entry_key }) => ({ client_id, entry_key })),
});

/** The service gives a rehearsal a minute. */
const REHEARSAL_MS = 65_000;

export type JourneyDeed = 'submit' | 'return' | 'approve' | 'activate' | 'retire';

const PATH = '/v1/journeys';

export const journeys = {
  list: async () => (await get<{ journeys: Journey[] }>(PATH)).journeys,
  get: (id: string) => get<JourneyInFull>(`${PATH}/${id}`),
  where: (id: string) => get<Where>(`${PATH}/${id}/where`),
  standing: (id: string) => get<{ runs: StandingRun[]; count: number }>(`${PATH}/${id}/standing`),
  retry: (id: string, runs: readonly StandingRun[]) =>
    post<{ count: number }>(`${PATH}/${id}/standing/retry`, keysOf(runs)),
  end: (id: string, runs: readonly StandingRun[]) =>
    post<{ count: number }>(`${PATH}/${id}/standing/end`, keysOf(runs)),
  lint: (definition: string) => post<Checked>(`${PATH}/lint`, { definition }),
  rehearse: (definition: string, since: string) =>
    post<Rehearsed>(`${PATH}/rehearsal`, { definition, since }, REHEARSAL_MS),
  draft: async (definition: string) => (await post<{ journey: Journey }>(PATH, { definition })).journey,
  do: (id: string, deed: JourneyDeed) => post<{ journey: Journey }>(`${PATH}/${id}/${deed}`),
};
