/** The widget's calls over plain HTTP: history, the visitor's token, and all sending where WebSocket is blocked. */
import type { ClientFrame, HistoryPage } from './wire.ts';

const TIMEOUT_MS = 10_000;
export const PAGE = 30;
/** Larger than any `seq`: "before" it is the newest page. The service takes at most 15 digits. */
const NEWEST = 999_999_999_999_999;

/** The service answered, but not with what was asked for. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly messageEn: string,
  ) {
    super(message);
  }
}

export class Rest {
  constructor(
    private readonly base: string,
    private readonly token: string,
  ) {}

  /** Make an anonymous visitor; returns the token to present from now on. */
  static async createVisitor(base: string): Promise<string> {
    const body = await call<{ token: string }>(`${base}/chat/visitor`, 'POST', {}, null);
    return body.token;
  }

  /** The newest page, the page before a `seq`, or what came after one; ascending. */
  history(where: { before?: number; after?: number } = {}): Promise<HistoryPage> {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (where.after !== undefined) query.set('after', String(where.after));
    else query.set('before', String(where.before ?? NEWEST));
    return call(`${this.base}/chat/messages?${query}`, 'GET', undefined, this.token);
  }

  send(message: { client_msg_id: string; text?: string; payload?: string }): Promise<{ seq: number; dup: boolean }> {
    return call(`${this.base}/chat/messages`, 'POST', message, this.token);
  }

  /** Say what a frame would have said over the socket; frames without a REST twin (typing, ping) are not said. */
  async tell(frame: ClientFrame): Promise<void> {
    if (frame.type === 'delivered') await this.post('/chat/receipts', { delivered: frame.seq });
    if (frame.type === 'read') await this.post('/chat/receipts', { read: frame.seq });
    if (frame.type === 'feedback') await this.post('/chat/feedback', { seq: frame.seq, helpful: frame.helpful });
  }

  /** A one-time ticket for the event stream: EventSource cannot send headers, and a token in a URL ends up in logs. */
  async streamAddress(after: number): Promise<string> {
    const { ticket } = await call<{ ticket: string }>(`${this.base}/chat/ticket`, 'POST', {}, this.token);
    return `${this.base}/chat/events?${new URLSearchParams({ ticket, after: String(after) })}`;
  }

  private post(path: string, body: unknown): Promise<unknown> {
    return call(this.base + path, 'POST', body, this.token);
  }
}

async function call<Body>(url: string, method: string, body: unknown, token: string | null): Promise<Body> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers['Authorization'] = `Bearer ${token}`;
  const response = await fetch(url, {
    method,
    headers,
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json().catch(() => ({}))) as Body & {
    error?: { code?: string; message?: string; message_en?: string };
  };
  if (response.ok) return answer;
  const { code = 'http_error', message = '', message_en: messageEn = message } = answer.error ?? {};
  throw new Refused(response.status, code, message, messageEn);
}
