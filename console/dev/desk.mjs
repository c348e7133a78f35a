// The desk side of the fake house: session, tickets, conversations, client's card, live socket.
import { randomUUID } from 'node:crypto';
import { Channels } from './channels.mjs';
import { Insights } from './insight.mjs';
import { Studio } from './studio.mjs';
import { Tasks } from './task.mjs';
import { happenings } from './timeline.mjs';
import { PEOPLE } from './house.mjs';
import { fail, readJson, readRaw, reply } from './http.mjs';

const CARD = {
  name: '王**',
  client_no: '6001****',
  phone: '138****2231',
  risk_level: 'C3',
  stage: 'active',
  investor_class: 'ordinary',
  suitability_valid_until: '2027-03-31',
  manager: { name: '周航' },
};
const IDENTITIES = [
  { id: 'i-sms', channel: 'sms', account: 'twilio', bound_at: '2026-11-20T10:12:00+08:00' },
  { id: 'i-wechat', channel: 'wechat', account: 'demo', bound_at: '2026-05-12T09:30:00+08:00' },
  { id: 'i-chat', channel: 'chat', account: 'app', bound_at: '2026-01-08T14:02:00+08:00' },
];
const SECRETS = { name: '王建国', client_no: '60010001', phone: '13812342231' };
const ALTERNATIVES = [
  { channel: 'template', title: '发送服务通知模板', available: true, why: '' },
  { channel: 'sms', title: '短信', available: false, why: '尚未接入短信渠道' },
];

export class Desk {
  constructor(house) {
    this.house = house;
    this.channels = new Channels(house);
    this.sessions = new Map();
    this.sockets = new Map();
    this.tasks = new Tasks(house, (frame) => this.tell(frame));
    this.studio = new Studio(house);
    this.insights = new Insights(house, IDENTITIES);
    this.unbound = new Set();
    house.on('ticket', (ticket) => this.tell({ type: 'ticket', ticket: house.rowOf(ticket) }));
    house.on('message', ({ id }, message) => this.tell({ type: 'message', conversation_id: id, message }, id));
    house.on('floor', ({ id, floor, epoch }) =>
      this.tell({ type: 'floor', conversation_id: id, floor, floor_epoch: epoch }, id),
    );
    house.on('delivery', ({ id }, { seq, state, why }) =>
      this.tell({ type: 'delivery', conversation_id: id, seq, state, why }, id),
    );
    house.on('client-typing', ({ id }) => this.tell({ type: 'typing', conversation_id: id, actor: 'client' }, id));
  }

  tell(frame, conversationId = null) {
    for (const [socket, watched] of this.sockets)
      if (conversationId === null || watched.has(conversationId)) socket.send(JSON.stringify(frame));
  }

  accept(socket, request) {
    if (!this.sessionOf(request)) return socket.close(4401, 'auth');
    this.sockets.set(socket, new Set());
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString());
      const watched = this.sockets.get(socket);
      if (frame.type === 'watch') watched.add(frame.conversation_id);
      if (frame.type === 'unwatch') watched.delete(frame.conversation_id);
      if (frame.type === 'ping') socket.send('{"type":"pong"}');
    });
  }

  sessionOf(request) {
    const cookie = /zhida_session=([^;]+)/.exec(request.headers.cookie ?? '');
    return cookie && this.sessions.get(cookie[1]);
  }

  async handle(request, response, url) {
    const parts = url.pathname.split('/').slice(2);
    if (parts[0] === 'session' && !parts[1]) return this.session(request, response);
    const session = this.sessionOf(request);
    if (!session) return fail(response, 401, 'not_signed_in', '请先登录', 'Please sign in');
    if (request.method !== 'GET' && request.headers['x-zhida-csrf'] !== session.csrf)
      return fail(response, 403, 'csrf', '请刷新页面', 'Reload the page');
    if (parts[0] === 'session') return this.changePassword(response, session.person, await readJson(request));
    if (parts[0] === 'channels') return this.channels.handle(request, response, session.person, parts.slice(1));
    const isFile = request.headers['content-type'] === 'application/octet-stream';
    const body = request.method === 'GET' ? {} : await (isFile ? readRaw(request) : readJson(request));
    if (parts[0] === 'tasks')
      return this.tasks.handle(response, session.person, {
        id: parts[1],
        act: parts[2],
        body,
        query: url.searchParams,
      });
    if (parts[0] !== 'desk')
      return this.studio.handle(response, session.person, {
        method: request.method,
        parts,
        body,
        query: url.searchParams,
      });
    const [, room, id, act] = parts;
    if (room === 'people') return reply(response, 200, { people: PEOPLE.map(({ password: _, ...person }) => person) });
    if (room === 'tickets')
      return id
        ? this.ticket(response, session.person, id, act, body)
        : this.list(response, session.person, url.searchParams);
    if (room === 'conversations')
      return this.conversation(request, response, session.person, { id, act, body, query: url.searchParams });
    if (room === 'clients' && act === 'merges')
      return this.studio.merges.pair(response, session.person, { keptId: id, otherId: parts[4], body });
    if (room === 'clients' && ['insight', 'consents', 'preferences'].includes(act))
      return this.insights.handle(response, session.person, { id, act, body });
    if (room === 'clients' && parts[5] === 'address')
      return this.studio.campaigns.letters.correct(response, session.person, { identity: parts[4], body });
    if (room === 'clients')
      return this.client(response, { id, act, identity: parts[4], body, query: url.searchParams });
    return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
  }

  async session(request, response) {
    const open = this.sessionOf(request);
    if (request.method === 'GET')
      return open ? reply(response, 200, open) : fail(response, 401, 'not_signed_in', '请先登录', 'Please sign in');
    if (request.method === 'DELETE')
      return reply(response, 200, {}, { 'Set-Cookie': 'zhida_session=; Max-Age=0; Path=/' });
    const { login, password } = await readJson(request);
    const found = PEOPLE.find((person) => person.login === login && person.password === password);
    if (!found) return fail(response, 401, 'wrong_login', '登录名或密码不对', 'The login or the password is wrong');
    const key = randomUUID();
    const { password: _, ...person } = found;
    this.sessions.set(key, { person, csrf: randomUUID() });
    return reply(response, 200, this.sessions.get(key), {
      'Set-Cookie': `zhida_session=${key}; HttpOnly; SameSite=Strict; Path=/`,
    });
  }

  changePassword(response, person, { old }) {
    if (PEOPLE.find(({ id }) => id === person.id).password !== old)
      return fail(response, 403, 'bad_password', '当前口令不正确，没有更改。', 'This is not your password.');
    this.house.record('password', { by: person.login });
    return reply(response, 200, {});
  }

  list(response, person, query) {
    const views = {
      queue: (ticket) => !ticket.assignee && ticket.state !== 'resolved',
      mine: (ticket) => ticket.assignee?.id === person.id && ticket.state !== 'resolved',
      all: (ticket) => ticket.state !== 'resolved',
      resolved: (ticket) => ticket.state === 'resolved',
    };
    const all = [...this.house.tickets.values()];
    const tickets = all
      .filter(views[query.get('view')])
      .sort((a, b) => a.opened_at.localeCompare(b.opened_at))
      .map((ticket) => this.house.rowOf(ticket));
    return reply(response, 200, {
      tickets,
      counts: { queue: all.filter(views.queue).length, mine: all.filter(views.mine).length },
    });
  }

  ticket(response, person, id, act, body) {
    const ticket = this.house.tickets.get(id);
    if (!ticket) return fail(response, 404, 'not_found', '没有这张工单', 'No such ticket');
    const { conversation } = ticket;
    if (act === 'take') {
      if (ticket.assignee && ticket.assignee.id !== person.id)
        return fail(response, 409, 'floor_moved', `${ticket.assignee.name} 已接手这张工单`, 'A colleague has taken it');
      Object.assign(ticket, {
        assignee: { id: person.id, name: person.name },
        state: 'in_progress',
        public_status: '处理中',
        unread: 0,
      });
      this.house.moveFloor(conversation, 'agent', person);
    } else if (act === 'assign') {
      const to = PEOPLE.find((one) => one.id === body.person_id);
      Object.assign(ticket, { assignee: { id: to.id, name: to.name }, state: 'assigned' });
      this.house.moveFloor(conversation, 'agent', to);
    } else if (act === 'hand-back') {
      ticket.state = 'waiting_internal';
      this.house.moveFloor(conversation, 'bot');
    } else if (act === 'resolve') {
      Object.assign(ticket, { state: 'resolved', public_status: '已解决', note: body.note });
      this.house.moveFloor(conversation, body.hand_back ? 'bot' : 'none');
    }
    if (act) this.house.emit('ticket', ticket);
    const row = this.house.rowOf(ticket);
    if (act) return reply(response, 200, { ticket: row, floor_epoch: conversation.epoch });
    const { handover, public_status } = ticket;
    return reply(response, 200, {
      ...row,
      conversation_id: conversation.id,
      floor: conversation.floor,
      floor_epoch: conversation.epoch,
      handover,
      public_status,
    });
  }

  conversation(request, response, person, { id, act, body, query }) {
    const conversation = this.house.conversations.get(id);
    if (!conversation) return fail(response, 404, 'not_found', '没有这个对话', 'No such conversation');
    if (act === 'reach') return reply(response, 200, this.reach(conversation));
    if (act === 'typing') this.house.emit('typing', conversation);
    if (act === 'read') {
      const ticket = this.house.openTicketOf(conversation);
      if (ticket) Object.assign(ticket, { unread: 0, undelivered: 0 });
      if (ticket) this.house.emit('ticket', ticket);
    }
    if (act !== 'messages') return reply(response, 200, {});
    if (request.method === 'POST') return this.send(response, person, conversation, body);
    const limit = Number(query.get('limit') ?? 50);
    const inRange = conversation.messages.filter(
      ({ seq }) => seq > Number(query.get('after') ?? 0) && seq < Number(query.get('before') ?? Infinity),
    );
    return reply(response, 200, {
      messages: inRange.slice(-limit),
      last_seq: conversation.messages.length,
      floor: conversation.floor,
    });
  }

  send(response, person, conversation, { client_msg_id: clientMsgId, text, floor_epoch: epoch }) {
    if (epoch !== conversation.epoch)
      return fail(
        response,
        409,
        'floor_moved',
        '对话已由他人接手，您的回复没有发出',
        'Somebody else has the floor; your reply was not sent',
      );
    const reach = this.reach(conversation);
    if (!reach.can_send)
      return fail(response, 409, 'window_closed', reach.why, 'The reply window is closed', {
        alternatives: reach.alternatives,
      });
    const { message, dup } = this.house.say(conversation, {
      author: 'agent',
      name: person.name,
      content: { kind: 'text', text },
      clientMsgId,
    });
    if (conversation.window && !dup) conversation.window.remaining -= 1;
    setTimeout(() => this.house.deliver(conversation, message, 'delivered'), 300).unref();
    return reply(response, 201, { seq: message.seq, state: 'queued' });
  }

  reach({ channel, window }) {
    if (!window) return { channel, can_send: true, why: '', window: null, alternatives: [] };
    const open = window.remaining > 0 && Date.parse(window.expires_at) > Date.now();
    const why = open ? '' : '微信规定：客户发言后 48 小时内最多回复 5 条，本轮已用完';
    return { channel, can_send: open, why, window, alternatives: open ? [] : ALTERNATIVES };
  }

  client(response, { id, act, identity, body, query }) {
    if (act === 'timeline') return reply(response, 200, happenings(this.house.now(), query.get('before')));
    if (act === 'identities') {
      this.house.record('unbind', { client: id, identity, ...body });
      this.unbound.add(identity);
      return reply(response, 200, {});
    }
    if (act === 'reveal') {
      this.house.record('reveal', { client: id, ...body });
      return reply(response, 200, { value: SECRETS[body.field] });
    }
    const mine = [...this.house.tickets.values()].filter((ticket) => ticket.conversation.client?.id === id);
    const recent = mine.map(({ id: ticketId, number, title, state, opened_at, conversation }) => ({
      id: ticketId,
      number,
      title,
      state,
      opened_at,
      channel: conversation.channel,
      conversation_id: conversation.id,
    }));
    const talks = mine.map(({ id: ticketId, state, opened_at, conversation }) => ({
      id: conversation.id,
      channel: conversation.channel,
      account: 'demo',
      floor: conversation.floor,
      last_at: conversation.messages.at(-1)?.at ?? opened_at,
      open_tickets: state === 'resolved' ? 0 : 1,
      ticket_id: ticketId,
    }));
    const identities = IDENTITIES.filter((one) => !this.unbound.has(one.id));
    const { tier } = this.insights;
    return reply(response, 200, { id, ...CARD, tier, identities, recent_tickets: recent, conversations: talks });
  }
}
