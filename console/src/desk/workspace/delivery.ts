/** How far a message of ours has come, in a plain sentence: above all when it did not arrive. */
import type { DeskMessage } from '../api/types.ts';
import type { Words } from '../words/words.tsx';

/** Nothing more will happen, and the client has not got it. */
const LOST = new Set(['rejected', 'failed', 'expired']);

/** Whether a message was lost. */
export function isLost({ state }: Pick<DeskMessage, 'state'>): boolean {
  return LOST.has(state ?? '');
}

/** What to say under a message, and whether it needs a person's eye; null for what was not sent by us. */
export function deliveryOf(
  { state, why }: Pick<DeskMessage, 'state' | 'why'>,
  { t, say }: Pick<Words, 't' | 'say'>,
): { text: string; tone: 'plain' | 'unsure' | 'lost' } | null {
  if (!state) return null;
  if (state === 'unknown') return { text: t('delivery_unknown'), tone: 'unsure' };
  if (!isLost({ state })) return { text: say('delivery', state), tone: 'plain' };
  // No word of the provider: the client may well have it.
  if (why?.split(':')[0] === 'outcome_unknown') return { text: t('why_outcome_unknown'), tone: 'lost' };
  return { text: t('undelivered', { why: reasonOf(state, why, say) }), tone: 'lost' };
}

/**
 * The reason in words, of the very code where there are such; else the provider's code stays behind
 * the words for its kind, for whoever asks the provider.
 */
function reasonOf(state: string, why: string | null | undefined, say: Words['say']): string {
  if (!why) return say('why', state);
  const exact = why.replace(':', '_');
  const told = say('why', exact);
  if (told !== exact) return told;
  const [kind = '', code] = why.split(':');
  const words = say('why', kind);
  if (words === kind) return `${say('why', state)} (${why})`;
  return code ? `${words} (${code})` : words;
}
