/** Messages of a campaign that came to nothing: why, for whom, and sending them again. */
import { get, post } from './http.ts';

export interface FailureGroup {
  /** The reason without its provider's code. */
  kind: string;
  zh: string;
  en: string;
  channel: string;
  may_have_arrived: boolean;
  count: number;
  mended: number;
  barred: number;
}

export interface Failure {
  id: string;
  client_id: string;
  client_no: string;
  name: string;
  channel: string;
  account: string;
  state: 'rejected' | 'failed';
  reason: string | null;
  zh: string;
  en: string;
  attempts: number;
  at: string | null;
  may_have_arrived: boolean;
  is_mended: boolean;
  is_barred: boolean;
}

export interface FailureGroups {
  groups: FailureGroup[];
  /** So many of a kind are queued by one call. */
  at_once: number;
}

const pathOf = (campaignId: string): string => `/v1/campaigns/${campaignId}`;

export const letters = {
  groups: (campaignId: string) => get<FailureGroups>(`${pathOf(campaignId)}/failure-groups`),
  list: async (campaignId: string, kind: string, after?: string) =>
    (
      await get<{ failures: Failure[] }>(
        `${pathOf(campaignId)}/failures?${new URLSearchParams({ kind, ...(after ? { after } : {}) })}`,
      )
    ).failures,
  replay: async (campaignId: string, messages: readonly string[], doubtful: boolean) =>
    (await post<{ queued: number }>(`${pathOf(campaignId)}/replay`, { messages, doubtful })).queued,
  /** Send a whole kind again, as many calls as it takes. */
  replayAll: async (campaignId: string, kind: string, doubtful: boolean, atOnce: number) => {
    let total = 0;
    for (;;) {
      const { queued } = await post<{ queued: number }>(`${pathOf(campaignId)}/replay-all`, { kind, doubtful });
      total += queued;
      if (queued < atOnce) return total;
    }
  },
};
