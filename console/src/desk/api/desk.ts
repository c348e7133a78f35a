/** Every call of the desk, by name; screens call these and never write a path. */
import { get, post, remove } from './http.ts';
import type {
  ClientCard,
  MessagePage,
  Person,
  Reach,
  RevealField,
  Session,
  Ticket,
  TicketPage,
  TicketRow,
  View,
} from './types.ts';

export const PAGE = 50;
/** Larger than any `seq`: "before" it is the newest page. */
const NEWEST = 999_999_999_999_999;

export const session = {
  get: () => get<Session>('/v1/session'),
  open: (login: string, password: string) => post<Session>('/v1/session', { login, password }),
  close: () => remove('/v1/session'),
  changePassword: (old: string, next: string) => post<unknown>('/v1/session/password', { old, new: next }),
};

interface Moved {
  ticket: TicketRow;
  floor_epoch?: number;
}

export const tickets = {
  list: (view: View, before?: string) =>
    get<TicketPage>(
      `/v1/desk/tickets?${new URLSearchParams({ view, limit: String(PAGE), ...(before ? { before } : {}) })}`,
    ),
  get: (id: string) => get<Ticket>(`/v1/desk/tickets/${id}`),
  take: (id: string) => post<Moved>(`/v1/desk/tickets/${id}/take`),
  handBack: (id: string) => post<Moved>(`/v1/desk/tickets/${id}/hand-back`),
  resolve: (id: string, note: string, handBack: boolean) =>
    post<Moved>(`/v1/desk/tickets/${id}/resolve`, { note, hand_back: handBack }),
  assign: (id: string, personId: string) => post<Moved>(`/v1/desk/tickets/${id}/assign`, { person_id: personId }),
};

export const conversations = {
  newest: (id: string) => get<MessagePage>(`/v1/desk/conversations/${id}/messages?before=${NEWEST}&limit=${PAGE}`),
  before: (id: string, seq: number) =>
    get<MessagePage>(`/v1/desk/conversations/${id}/messages?before=${seq}&limit=${PAGE}`),
  after: (id: string, seq: number) => get<MessagePage>(`/v1/desk/conversations/${id}/messages?after=${seq}&limit=100`),
  send: (id: string, message: { client_msg_id: string; text: string; floor_epoch: number }) =>
    post<{ seq: number; state: string }>(`/v1/desk/conversations/${id}/messages`, message),
  reach: (id: string) => get<Reach>(`/v1/desk/conversations/${id}/reach`),
  typing: (id: string) => post(`/v1/desk/conversations/${id}/typing`),
  read: (id: string, seq: number) => post(`/v1/desk/conversations/${id}/read`, { seq }),
};

export const clients = {
  get: (id: string) => get<ClientCard>(`/v1/desk/clients/${id}`),
  reveal: (id: string, field: RevealField, reason: string) =>
    post<{ value: string }>(`/v1/desk/clients/${id}/reveal`, { field, reason }),
  unbind: (id: string, identityId: string, reason: string, withHistory: boolean) =>
    post(`/v1/desk/clients/${id}/identities/${identityId}/unbind`, { reason, with_history: withHistory }),
};

export const people = {
  list: async () => {
    const answer = await get<{ people: Person[] } | Person[]>('/v1/desk/people');
    return Array.isArray(answer) ? answer : answer.people;
  },
};
