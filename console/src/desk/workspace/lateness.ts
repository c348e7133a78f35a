import type { TicketRow } from '../api/types.ts';

/** How a ticket stands to its promise: late by, soon due in, or null while there is no promise or plenty of time. */
export function lateness(
  row: Pick<TicketRow, 'promised_at'>,
  now: number,
): { kind: 'late' | 'soon'; ms: number } | null {
  if (!row.promised_at) return null;
  const left = Date.parse(row.promised_at) - now;
  if (left < 0) return { kind: 'late', ms: -left };
  return left < 15 * 60_000 ? { kind: 'soon', ms: left } : null;
}
