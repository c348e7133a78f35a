/** All that happened between a client and the house, newest first, a page at a time. */
import { get } from './http.ts';

export interface Entry {
  kind: string;
  /** Unique among those of its kind. */
  id: string;
  at: string;
  title: { zh: string; en: string };
  detail: Record<string, unknown>;
  /** What was said, masked; of a message alone. */
  text: string | null;
}

export interface TimelinePage {
  entries: Entry[];
  /** What to ask for to read on; null at the end. */
  next: string | null;
}

export const timeline = {
  page: (clientId: string, before: string | null) =>
    get<TimelinePage>(
      `/v1/desk/clients/${clientId}/timeline?${new URLSearchParams({ limit: '20', ...(before ? { before } : {}) })}`,
    ),
};
