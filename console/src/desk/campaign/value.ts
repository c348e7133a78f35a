/** A campaign's own values: read from their fields, shown in them, and what the service says of a draft. */
import { isComplete } from '../audience/expression.ts';
import type { Blank, CampaignDraft, campaigns, Checked, Finding, Value, ValueKind } from '../api/campaign.ts';
import { toLocal, toMoment, type StepName } from './draft.ts';

/** What the content asks the campaign for; what must be said stands first. */
export function askedOf(checked: Checked | null): Blank[] {
  const own = (checked?.fields ?? []).filter((one) => one.source === 'campaign');
  return own.sort((a, b) => Number(b.is_needed) - Number(a.is_needed));
}

/** What is filled for each client. */
export function ofClientIn(checked: Checked | null): Blank[] {
  return (checked?.fields ?? []).filter((one) => one.source === 'client');
}

/** What somebody typed as a value; null where there is none. */
export function readValue(kind: ValueKind, typed: string): Value | null {
  if (!typed.trim()) return null;
  if (kind === 'number') return Number.isFinite(Number(typed)) ? Number(typed) : typed;
  if (kind === 'moment') return toMoment(typed);
  if (kind === 'lines') return typed.split('\n').filter((line) => line.trim());
  return typed;
}

/** A value as its field shows it. */
export function showValue(kind: ValueKind, value: Value | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.join('\n');
  return kind === 'moment' ? toLocal(String(value)) : String(value);
}

/** The values with one of them said or taken back. */
export function withValue(values: CampaignDraft['values'], name: string, value: Value | null): CampaignDraft['values'] {
  const { [name]: _, ...others } = values;
  return value === null ? others : { ...others, [name]: value };
}

/** A draft as far as it can be checked: the audience is counted where the plan needs it, once it is written. */
export function toAsk(draft: CampaignDraft, step: StepName): Parameters<typeof campaigns.check>[0] {
  const isCounted = (step === 'plan' || step === 'review') && isComplete(draft.expression);
  return { ...draft, name: draft.name.trim(), expression: isCounted ? draft.expression : {} };
}

/** What there is to say at a step; at the last one everything, the worst first. */
export function findingsOf(step: StepName, checked: Checked | null): Finding[] {
  const grades = ['wrong', 'missing', 'note'];
  return (checked?.findings ?? [])
    .filter((one) => step === 'review' || one.step === step)
    .sort((a, b) => grades.indexOf(a.grade) - grades.indexOf(b.grade));
}
