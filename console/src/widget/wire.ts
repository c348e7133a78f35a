/** The frames of the app-chat protocol `chat.v1`, as they travel over the WebSocket (and, in part, SSE and REST). */
import type { Floor, Message } from '../shared/content.ts';

export interface Welcome {
  type: 'welcome';
  conversation: string;
  last_seq: number;
  floor: Floor;
  /** Who of the staff has the floor, if one has. */
  name?: string | null;
  brand?: { name: string };
}

export interface Ack {
  type: 'ack';
  client_msg_id: string;
  seq: number;
  dup: boolean;
}

export interface Failure {
  type: 'error';
  code: string;
  message: string;
  message_en?: string;
  retryable: boolean;
  client_msg_id?: string;
}

export interface TicketNews {
  type: 'ticket';
  number: string;
  status: string;
  status_en?: string;
  promised_at?: string | null;
}

/** What the service may say. */
export type ServerFrame =
  | Welcome
  | ({ type: 'message' } & Message)
  | Ack
  | { type: 'typing'; actor: 'bot' | 'agent'; ttl_ms: number }
  | { type: 'receipt'; delivered: number; read: number }
  | { type: 'floor'; floor: Floor; name?: string | null }
  | TicketNews
  | Failure
  | { type: 'pong' };

/** What the widget may say after its `hello`. */
export type ClientFrame =
  | { type: 'hello'; after: number; language: string }
  | { type: 'send'; client_msg_id: string; text?: string; payload?: string }
  | { type: 'typing' }
  | { type: 'delivered'; seq: number }
  | { type: 'read'; seq: number }
  | { type: 'feedback'; seq: number; helpful: boolean }
  | { type: 'ping' };

/** A page of history, as `GET /chat/messages` returns it. */
export interface HistoryPage {
  messages: Message[];
  last_seq: number;
  floor: Floor;
}

export const CLOSE = { auth: 4401, helloLate: 4408, replaced: 4409, tooBig: 4413, tooMany: 4429 } as const;

const KNOWN = new Set(['welcome', 'message', 'ack', 'typing', 'receipt', 'floor', 'ticket', 'error', 'pong']);

/** Read one frame; null for anything that is not one of ours, so a newer service cannot break an older widget. */
export function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    if (typeof frame !== 'object' || frame === null) return null;
    return KNOWN.has((frame as { type?: string }).type ?? '') ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
