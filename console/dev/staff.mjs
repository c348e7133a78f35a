// The fake house's logins: kept by admins, a new password told once.
import { randomUUID } from 'node:crypto';
import { PEOPLE } from './house.mjs';
import { fail, reply } from './http.mjs';

const ROLES = ['agent', 'supervisor', 'marketing', 'approver', 'admin'];

export class Staff {
  constructor(house) {
    this.house = house;
    this.rows = PEOPLE.map(({ id, login, name, roles }) => this.make({ id, login, name, roles }));
  }

  make(person) {
    return { ...person, is_active: true, created_at: this.house.now().toISOString(), seen_at: null };
  }

  handle(response, person, { method, parts: [, id, act], body }) {
    if (!person.roles.includes('admin'))
      return fail(response, 403, 'not_allowed', '您没有该操作的权限。', 'You may not do that.');
    if (!id && method === 'GET') return reply(response, 200, { staff: this.rows, roles: ROLES });
    this.house.record('staff', { act: act ?? 'add', id, body });
    if (!id) return this.add(response, body);
    const one = this.rows.find((row) => row.id === id);
    if (act === 'roles') one.roles = body.roles;
    if (act === 'disable' || act === 'enable') one.is_active = act === 'enable';
    return reply(response, 200, { id, ...(act === 'password' ? { password: 'made-up-password-2' } : {}) });
  }

  add(response, { login, name, roles }) {
    if (this.rows.some((row) => row.login === login))
      return fail(response, 409, 'conflict', `用户名 ${login} 已被使用。`, 'The login is taken.');
    this.rows.push(this.make({ id: randomUUID(), login, name, roles }));
    return reply(response, 201, { id: this.rows.at(-1).id, password: 'made-up-password-1' });
  }
}
