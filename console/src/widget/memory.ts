/**
 * What the widget keeps between page loads: the visitor's token, unsent messages, how far the client has read.
 *
 * Everything but the token lies under the subject of the token, so two clients of one browser never meet.
 * A browser that forbids storage costs the memory and nothing else.
 */
import type { Pending } from './state.ts';

const PREFIX = 'zhida.chat.';
const KEEP_UNSENT_MS = 24 * 3_600_000;
const KEEP_FEEDBACK = 100;

export interface Remembered {
  pending: Pending[];
  readSeq: number;
  feedback: Record<number, boolean>;
}

export class Memory {
  private readonly store: Storage | null;

  constructor(store: Storage | null = openStorage()) {
    this.store = store;
  }

  visitorToken(): string | null {
    return this.read<string>('visitor');
  }

  keepVisitorToken(token: string | null): void {
    this.write('visitor', token);
  }

  language(): string | null {
    return this.read<string>('language');
  }

  keepLanguage(language: string): void {
    this.write('language', language);
  }

  /** What was kept for this subject; unsent messages older than a day are let go. */
  recall(subject: string, now: number): Remembered {
    const kept = this.read<Partial<Remembered>>(`of.${subject}`);
    const pending = (kept?.pending ?? []).filter((one) => now - Date.parse(one.at) < KEEP_UNSENT_MS);
    return { pending, readSeq: kept?.readSeq ?? 0, feedback: kept?.feedback ?? {} };
  }

  keep(
    subject: string,
    what: { pending: readonly Pending[]; readSeq: number; feedback: Readonly<Record<number, boolean>> },
  ): void {
    const feedback = Object.fromEntries(Object.entries(what.feedback).slice(-KEEP_FEEDBACK));
    this.write(`of.${subject}`, { pending: what.pending, readSeq: what.readSeq, feedback });
  }

  private read<Kept>(key: string): Kept | null {
    try {
      const text = this.store?.getItem(PREFIX + key);
      return text ? (JSON.parse(text) as Kept) : null;
    } catch {
      return null;
    }
  }

  private write(key: string, value: unknown): void {
    try {
      if (value === null) this.store?.removeItem(PREFIX + key);
      else this.store?.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: the chat works on, it only forgets at the next page load.
    }
  }
}

function openStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
