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
  /** Why nothing may be sent to the client now, if so. */
  barred: { zh: string; en: string } | null;
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
  /** So many of a kind are looked at by one call. */
  at_once: number;
}

/** What may have arrived is sent only where a person says so; `version` says what is sent instead. */
export interface How {
  doubtful: boolean;
  version?: number | undefined;
}

const bodyOf = ({ doubtful, version }: How): How => (version === undefined ? { doubtful } : { doubtful, version });

/** What was queued, and how many were left where they are, by reason. */
export interface Replayed {
  queued: number;
  left: { reason: string; count: number; zh: string; en: string }[];
  /** Where the next call goes on; null: there are no more. */
  next: string | null;
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
  replay: (campaignId: string, messages: readonly string[], how: How) =>
    post<Replayed>(`${pathOf(campaignId)}/replay`, { messages, ...bodyOf(how) }),
  /** Send a whole kind again, as many calls as it takes. */
  replayAll: async (campaignId: string, kind: string, how: How) => {
    const whole: Replayed = { queued: 0, left: [], next: null };
    do {
      const after = whole.next;
      const part = await post<Replayed>(`${pathOf(campaignId)}/replay-all`, { kind, ...bodyOf(how), after });
      addTo(whole, part);
    } while (whole.next !== null);
    return whole;
  },
  /** Write down where the recipient of a failed message is reached now. */
  correct: ({ client_id, identity_id, id }: Failure, address: string, reason: string) =>
    post<{ shown: string }>(`/v1/desk/clients/${client_id}/identities/${identity_id ?? ''}/address`, {
      address,
      reason,
      message: id,
    }),
};

/** Add what one call did to what the calls before it did. */
export function addTo(whole: Replayed, part: Replayed): void {
  whole.queued += part.queued;
  whole.next = part.next;
  for (const one of part.left) {
    const known = whole.left.find(({ reason }) => reason === one.reason);
    if (known) known.count += one.count;
    else whole.left.push({ ...one });
  }
}
