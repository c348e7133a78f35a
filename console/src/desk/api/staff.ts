/** Logins of staff: who may sign in, as what. A new password is in an answer, once. */
import { get, post } from './http.ts';
import type { Role } from './types.ts';

export interface Member {
  id: string;
  login: string;
  name: string;
  roles: Role[];
  is_active: boolean;
  created_at: string;
  /** When a sign-in that is open was last used. */
  seen_at: string | null;
}

export interface NewMember {
  login: string;
  name: string;
  roles: Role[];
}

export interface NewLogin {
  id: string;
  password: string;
}

const PATH = '/v1/staff';

export const staff = {
  list: () => get<{ staff: Member[]; roles: Role[] }>(PATH),
  add: (one: NewMember) => post<NewLogin>(PATH, one),
  changeRoles: (id: string, roles: readonly Role[]) => post<unknown>(`${PATH}/${id}/roles`, { roles }),
  changePassword: (id: string) => post<NewLogin>(`${PATH}/${id}/password`),
  switch: (id: string, on: boolean) => post<unknown>(`${PATH}/${id}/${on ? 'enable' : 'disable'}`),
};
