// The fake house's memory: conversations, tickets, staff, and a ledger of everything that was said and done.
// It stands in for the Python service while the front end is developed and tested; it decides nothing clever.
import { EventEmitter } from 'node:events';
import { randomUUID } from 'node:crypto';

export const PEOPLE = [
  { id: 'p-agent', login: 'agent', name: '李敏', roles: ['agent'], password: 'agent-demo' },
  { id: 'p-super', login: 'supervisor', name: '陈伟', roles: ['supervisor'], password: 'supervisor-demo' },
  { id: 'p-admin', login: 'admin', name: '王芳', roles: ['admin'], password: 'admin-demo' },
  { id: 'p-market', login: 'marketing', name: '林晓', roles: ['marketing'], password: 'marketing-demo' },
  { id: 'p-approve', login: 'approver', name: '何静', roles: ['approver'], password: 'approver-demo' },
];

export const CLIENTS = [
  { client_no: '60010001', name: '王建国' },
  { client_no: '60010002', name: '赵丽华' },
];

export class House extends EventEmitter {
  constructor({ now = () => new Date() } = {}) {
    super();
    this.now = now;
    this.conversations = new Map();
    this.tickets = new Map();
    this.ledger = [];
    this.faults = { socket: 'open', chat: 'up', sends: 'take', deskLineMs: 0 };
    this.nextTicket = 1;
  }

  record(what, detail) {
    this.ledger.push({ at: this.now().toISOString(), what, ...detail });
  }

  conversationOf(subject, { channel = 'chat', client = null } = {}) {
    const known = [...this.conversations.values()].find((one) => one.subject === subject);
    if (known) return known;
    const made = {
      id: randomUUID(),
      subject,
      channel,
      client,
      floor: 'bot',
      epoch: 1,
      holder: null,
      messages: [],
      sent: new Map(),
      window:
        channel === 'wechat'
          ? {
              rule: 'reply_48h',
              quota: 5,
              remaining: 5,
              expires_at: new Date(this.now().getTime() + 48 * 3_600_000).toISOString(),
            }
          : null,
    };
    this.conversations.set(made.id, made);
    return made;
  }

  // Returns {message, dup}: a client_msg_id that was seen gives the message it gave before.
  say(conversation, { author, content, name, clientMsgId, at }) {
    const seen = clientMsgId && conversation.sent.get(clientMsgId);
    if (seen) return { message: seen, dup: true };
    const message = {
      seq: conversation.messages.length + 1,
      id: randomUUID(),
      author,
      at: (at ?? this.now()).toISOString(),
      content,
      ...(name ? { name } : {}),
      ...(clientMsgId ? { client_msg_id: clientMsgId } : {}),
    };
    conversation.messages.push(message);
    if (clientMsgId) conversation.sent.set(clientMsgId, message);
    this.record('message', { conversation: conversation.id, seq: message.seq, author, text: content.text });
    this.emit('message', conversation, message);
    const ticket = this.openTicketOf(conversation);
    if (ticket) {
      ticket.unread += author === 'client' ? 1 : 0;
      this.emit('ticket', ticket);
    }
    return { message, dup: false };
  }

  // What became of a message that was sent; a person's that was lost is counted until its holder looks.
  deliver(conversation, message, state, why = null) {
    Object.assign(message, { state, why });
    const ticket = this.openTicketOf(conversation);
    if (ticket && state === 'failed' && message.author === 'agent') ticket.undelivered += 1;
    this.emit('delivery', conversation, message);
    if (ticket) this.emit('ticket', ticket);
  }

  moveFloor(conversation, floor, holder = null) {
    Object.assign(conversation, { floor, holder, epoch: conversation.epoch + 1 });
    this.record('floor', { conversation: conversation.id, floor });
    this.emit('floor', conversation);
  }

  openTicket(conversation, { reason, summary, title, openedAt, priority = 'normal' }) {
    const opened = openedAt ?? this.now();
    const ticket = {
      id: randomUUID(),
      number: `T${opened.toISOString().slice(2, 10).replaceAll('-', '')}-${String(this.nextTicket++).padStart(4, '0')}`,
      title,
      state: 'new',
      priority,
      conversation,
      reason,
      assignee: null,
      opened_at: opened.toISOString(),
      promised_at: new Date(opened.getTime() + 30 * 60_000).toISOString(),
      unread: 1,
      undelivered: 0,
      public_status: '已受理',
      handover: {
        reason,
        summary,
        intent: 'check_withdrawal',
        confidence: 0.62,
        slots: { bank: '招商银行', apply_confirm: true },
        turns: conversation.messages
          .slice(-6)
          .map(({ author, content, at }) => ({ author, text: content.text ?? '', at })),
      },
    };
    this.tickets.set(ticket.id, ticket);
    this.moveFloor(conversation, 'queue');
    this.emit('ticket', ticket);
    return ticket;
  }

  openTicketOf(conversation) {
    return [...this.tickets.values()].find(
      (ticket) => ticket.conversation === conversation && ticket.state !== 'resolved',
    );
  }

  // What the desk's list shows of a ticket.
  rowOf(ticket) {
    const last = ticket.conversation.messages.at(-1);
    const { id, number, title, state, priority, reason, assignee, opened_at, promised_at, unread, undelivered } =
      ticket;
    return {
      id,
      number,
      title,
      state,
      priority,
      channel: ticket.conversation.channel,
      client: ticket.conversation.client,
      reason,
      assignee,
      opened_at,
      promised_at,
      unread,
      undelivered,
      last_message: last
        ? { text: last.content.text ?? '', kind: last.content.kind, at: last.at, author: last.author }
        : null,
    };
  }
}
