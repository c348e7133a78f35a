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
  /** Whose address may be corrected. */
  identity_id: string | null;
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

/** An approved version of the content that is newer than the campaign's own. */
export interface Newer {
  content_id: string;
  version: number;
}

export interface FailureGroups {
  groups: FailureGroup[];
  /** What may be sent instead; null where nobody approved a newer version. */
  newer: Newer | null;
  /** So many of a kind are queued by one call. */
  at_once: number;
}

/** What may have arrived is sent only where a person says so; `version` says what is sent instead. */
export interface How {
  doubtful: boolean;
  version?: number | undefined;
}

const bodyOf = ({ doubtful, version }: How): How => (version === undefined ? { doubtful } : { doubtful, version });

const pathOf = (campaignId: string): string => `/v1/campaigns/${campaignId}`;

export const letters = {
  groups: (campaignId: string) => get<FailureGroups>(`${pathOf(campaignId)}/failure-groups`),
  list: async (campaignId: string, kind: string, after?: string) =>
    (
      await get<{ failures: Failure[] }>(
        `${pathOf(campaignId)}/failures?${new URLSearchParams({ kind, ...(after ? { after } : {}) })}`,
      )
    ).failures,
  replay: async (campaignId: string, messages: readonly string[], how: How) =>
    (await post<{ queued: number }>(`${pathOf(campaignId)}/replay`, { messages, ...bodyOf(how) })).queued,
  /** Send a whole kind again, as many calls as it takes. */
  replayAll: async (campaignId: string, kind: string, how: How, atOnce: number) => {
    let total = 0;
    for (;;) {
      const { queued } = await post<{ queued: number }>(`${pathOf(campaignId)}/replay-all`, { kind, ...bodyOf(how) });
      total += queued;
      if (queued < atOnce) return total;
    }
  },
  /** Write down where the recipient of a failed message is reached now. */
  correct: ({ client_id, identity_id, id }: Failure, address: string, reason: string) =>
    post<{ shown: string }>(`/v1/desk/clients/${client_id}/identities/${identity_id ?? ''}/address`, {
      address,
      reason,
      message: id,
    }),
};
