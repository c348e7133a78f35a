/** What the page of events that nobody could handle says in English, key by key as in `kept.zh.ts`. */
import type { zh } from './kept.zh.ts';

export const en: Readonly<Record<keyof typeof zh, string>> = {
  menu_events: 'Kept events',
  kept: 'Events that nobody could handle',
  kept_lead:
    'What the broker’s systems told and could not be handled yet; nothing is lost. With the right client number or type it is handled by itself; what failed is handled once more when the cause is gone.',
  kept_none: 'Every event was handled',
  kept_is_unknown_client: 'unknown client',
  kept_is_unknown_type: 'unknown type',
  kept_is_failed: 'failed',
  kept_waiting: 'Waiting to be handled: {n}',
  kept_at: 'Happened at',
  kept_why: 'Why',
  kept_client: 'Client',
  kept_type: 'Type',
  kept_figures: 'Figures',
  kept_source: 'Source and key',
  kept_number: 'Client number',
  kept_fix: 'Correct',
  kept_fixDo: 'Correct and handle',
  kept_fixLead:
    'Give the right client number or choose the type; leave the rest empty. A client who is missing may also be imported: the event is handled by itself then.',
  kept_fixed: 'Corrected; it is being handled',
  kept_still: 'Corrected, and still not to be handled: {why}',
  kept_nothing: 'Nothing was changed',
  kept_replayChosen: 'Handle chosen again ({n})',
  kept_replayPage: 'Handle all failed of this page again ({n})',
  kept_replayed: '{n} queued again',
  kept_newer: 'Newer',
  kept_older: 'Older',
};
