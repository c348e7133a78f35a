/** A campaign as it is being written, and what still keeps it from being saved. */
import { isComplete, NEW_GROUP } from '../audience/expression.ts';
import type { CampaignDraft, CampaignInFull } from '../api/campaign.ts';
import type { Word } from '../words/zh.ts';

export type StepName = 'content' | 'audience' | 'plan' | 'review';

export const NEW_DRAFT: CampaignDraft = {
  name: '',
  content_id: '',
  expression: NEW_GROUP,
  channels: [],
  arms: { a: 1 },
  hold_out: 0,
  schedule: { kind: 'now' },
  per_second: null,
  goal: 'click',
  not_after: null,
  values: {},
};

export function toDraft(one: CampaignInFull): CampaignDraft {
  const { name, channels, expression, arms, hold_out, schedule, per_second, goal, not_after, values } = one;
  return {
    name,
    channels,
    expression,
    arms,
    hold_out,
    schedule,
    per_second,
    goal,
    not_after,
    values,
    content_id: one.content.id,
  };
}

/** What a step lacks, as a sentence; null where it is whole. The service checks the rest when it is saved. */
export function problemOf(step: StepName, draft: CampaignDraft): Word | null {
  if (step === 'content') {
    if (!draft.name.trim()) return 'campaign_nameMissing';
    return draft.content_id ? null : 'campaign_contentMissing';
  }
  if (step === 'audience') return isComplete(draft.expression) ? null : 'audience_incomplete';
  if (step === 'plan') {
    if (draft.channels.length === 0) return 'campaign_channelMissing';
    const { schedule } = draft;
    if (schedule.kind === 'once' && !schedule.at) return 'schedule_missing';
    if (schedule.kind === 'weekly' && schedule.weekdays.length === 0) return 'schedule_missing';
    if (schedule.kind === 'monthly' && schedule.days.length === 0) return 'schedule_missing';
  }
  return null;
}

/** "2026-12-01T10:00" of a date field as a moment in the reader's zone, and back. */
export function toMoment(local: string): string {
  return local ? new Date(local).toISOString() : '';
}

export function toLocal(iso: string | null): string {
  if (!iso) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
