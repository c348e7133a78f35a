/** What the desk API says, as in docs: one interface for each shape, nothing invented by the screen. */
import type { Author, Floor, Message } from '../../shared/content.ts';
import type { ClientTier } from './insight.ts';

export type Role = 'agent' | 'supervisor' | 'admin' | 'marketing' | 'approver';

export interface Person {
  id: string;
  login: string;
  name: string;
  roles: Role[];
}

export interface Session {
  person: Person;
  csrf: string;
}

export type View = 'queue' | 'mine' | 'all' | 'resolved';

export interface TicketRow {
  id: string;
  number: string;
  title: string;
  state: string;
  priority: string;
  channel: string;
  client: { id: string; name: string } | null;
  reason: string;
  assignee: { id: string; name: string } | null;
  opened_at: string;
  promised_at: string | null;
  /** `text` is empty where only a picture or a file was sent: `kind` says what. */
  last_message: { text: string; kind?: string; at: string; author: Author } | null;
  unread: number;
  /** Replies of a person that did not arrive, and that the ticket's holder has not seen yet. */
  undelivered: number;
}

export interface Handover {
  reason: string;
  summary: string;
  intent?: string | null;
  confidence?: number | null;
  slots?: Record<string, unknown>;
  turns?: { author: Author; text: string; at?: string | null }[];
}

export interface Ticket extends TicketRow {
  conversation_id: string;
  floor: Floor;
  floor_epoch: number;
  handover: Handover | null;
  public_status: string;
}

export interface TicketPage {
  tickets: TicketRow[];
  counts: { queue: number; mine: number };
}

/** A message as staff see it: with how far it has come, for what we sent. */
export interface DeskMessage extends Message {
  state?: string | null;
  why?: string | null;
}

export interface MessagePage {
  messages: DeskMessage[];
  last_seq?: number;
}

export interface Alternative {
  channel: string;
  title: string;
  title_en?: string | null;
  available: boolean;
  why?: string | null;
}

export interface Reach {
  channel: string;
  can_send: boolean;
  why: string | null;
  why_en?: string | null;
  window: { rule: string; expires_at: string; remaining: number; quota: number } | null;
  /** What to know before writing here: `template_only`. */
  notice?: string | null;
  alternatives?: Alternative[];
}

export interface ClientCard {
  id: string;
  name: string;
  client_no: string;
  phone: string;
  risk_level: string | null;
  /** Null until the tiers were computed with this client among them. */
  tier: ClientTier | null;
  stage: string | null;
  investor_class: string | null;
  suitability_valid_until: string | null;
  manager: string | { name: string } | null;
  identities: BoundIdentity[];
  /** What this person may see of the client's tickets, on whatever channel: the open ones first. */
  recent_tickets: {
    id: string;
    number: string;
    title: string;
    state: string;
    channel: string;
    conversation_id: string;
    opened_at: string;
  }[];
  /** What this person may see of the client's conversations, the newest first. */
  conversations: ClientTalk[];
}

/** An address at which the client is known. */
export interface BoundIdentity {
  id: string;
  channel: string;
  account: string;
  bound_at: string | null;
}

export interface ClientTalk {
  id: string;
  channel: string;
  account: string;
  floor: Floor;
  last_at: string;
  open_tickets: number;
  /** The ticket through which this person may open the conversation. */
  ticket_id: string;
}

export type RevealField = 'name' | 'phone' | 'client_no';

/** What the live socket says. */
export type LiveFrame =
  | { type: 'ticket'; ticket: TicketRow }
  | { type: 'message'; conversation_id: string; message: DeskMessage }
  | { type: 'floor'; conversation_id: string; floor: Floor; floor_epoch: number }
  | { type: 'task' }
  | { type: 'typing'; conversation_id: string; actor: string }
  | { type: 'delivery'; conversation_id: string; seq: number; state: string; why?: string | null };
