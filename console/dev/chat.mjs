// The app-chat side of the fake house: chat.v1 over WebSocket, SSE and REST, as the contract has it.
import { randomUUID } from 'node:crypto';
import { answer } from './assistant.mjs';
import { CLIENTS } from './house.mjs';
import { fail, readJson, reply } from './http.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const makeToken = (sub) =>
  `${encode({ alg: 'none' })}.${encode({ sub, exp: Math.floor(Date.now() / 1000) + 86_400 })}.fake`;

export class Chat {
  constructor(house, { thinkMs = 700 } = {}) {
    this.house = house;
    this.thinkMs = thinkMs;
    this.tickets = new Map();
    this.lines = new Map();
    house.on('message', (conversation, message) => this.fanOut(conversation, { type: 'message', ...message }));
    house.on('floor', (conversation) =>
      this.fanOut(conversation, {
        type: 'floor',
        floor: conversation.floor,
        ...(conversation.holder ? { name: conversation.holder.name } : {}),
      }),
    );
    house.on('ticket', (ticket) =>
      this.fanOut(ticket.conversation, {
        type: 'ticket',
        number: ticket.number,
        status: ticket.public_status,
        status_en: 'Received',
        promised_at: ticket.promised_at,
      }),
    );
    house.on('typing', (conversation) => this.fanOut(conversation, { type: 'typing', actor: 'agent', ttl_ms: 3_000 }));
  }

  fanOut(conversation, frame) {
    for (const line of this.lines.get(conversation.id) ?? []) line(frame);
  }

  join(conversation, line) {
    const lines = this.lines.get(conversation.id) ?? new Set();
    lines.add(line);
    this.lines.set(conversation.id, lines);
    return () => lines.delete(line);
  }

  whose(token) {
    try {
      const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
      const known = CLIENTS.find((client) => client.client_no === sub);
      const client = known ? { id: `c-${sub}`, name: `${known.name[0]}**` } : null;
      return this.house.conversationOf(sub, { client });
    } catch {
      return null;
    }
  }

  take(conversation, { client_msg_id: clientMsgId, text, payload }) {
    const title =
      payload && conversation.messages.at(-1)?.content.choices?.find((choice) => choice.payload === payload)?.title;
    const said = text ?? title ?? payload;
    const { message, dup } = this.house.say(conversation, {
      author: 'client',
      content: { kind: 'text', text: said },
      clientMsgId,
    });
    if (!dup && conversation.floor === 'bot') this.think(conversation, payload ?? said);
    return { seq: message.seq, dup };
  }

  think(conversation, text) {
    this.fanOut(conversation, { type: 'typing', actor: 'bot', ttl_ms: 8_000 });
    setTimeout(() => {
      const content = answer(text);
      if (content !== 'handover') return void this.house.say(conversation, { author: 'bot', content });
      this.house.openTicket(conversation, {
        reason: 'client_asked',
        title: '客户要求人工',
        summary: `客户询问“${text.slice(0, 40)}”，要求人工服务。`,
      });
      this.house.say(conversation, {
        author: 'system',
        content: { kind: 'event', text: '已为您转接人工，客服会在 30 分钟内回复' },
      });
    }, this.thinkMs).unref();
  }

  page(conversation, query) {
    const limit = Number(query.get('limit') ?? 30);
    const after = query.get('after');
    const before = query.get('before');
    const inRange = conversation.messages.filter(
      ({ seq }) => (after === null || seq > Number(after)) && (before === null || seq < Number(before)),
    );
    return {
      messages: after === null ? inRange.slice(-limit) : inRange.slice(0, limit),
      last_seq: conversation.messages.length,
      floor: conversation.floor,
    };
  }

  async handle(request, response, url) {
    const { house } = this;
    if (house.faults.chat === 'down') return void response.destroy();
    const route = `${request.method} ${url.pathname}`;
    if (route === 'POST /chat/visitor') return reply(response, 200, { token: makeToken(`visitor-${randomUUID()}`) });
    if (route === 'GET /chat/demo/clients') return reply(response, 200, { clients: CLIENTS });
    if (route === 'POST /chat/demo/token')
      return reply(response, 200, { token: makeToken((await readJson(request)).client_no) });
    if (route === 'GET /chat/events') return this.stream(request, response, url);
    const conversation = this.whose((request.headers.authorization ?? '').replace('Bearer ', ''));
    if (!conversation) return fail(response, 401, 'not_signed_in', '登录已失效', 'Signed out');
    if (route === 'GET /chat/messages') return reply(response, 200, this.page(conversation, url.searchParams));
    if (route === 'POST /chat/ticket') {
      const ticket = randomUUID();
      this.tickets.set(ticket, conversation);
      return reply(response, 200, { ticket });
    }
    if (request.method !== 'POST') return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
    const body = await readJson(request);
    if (route === 'POST /chat/messages') return reply(response, 202, this.take(conversation, body));
    house.record(url.pathname.slice(6), { conversation: conversation.id, ...body });
    return reply(response, 200, {});
  }

  stream(request, response, url) {
    const conversation = this.tickets.get(url.searchParams.get('ticket'));
    this.tickets.delete(url.searchParams.get('ticket'));
    if (!conversation) return fail(response, 401, 'not_signed_in', '凭证已用过', 'Ticket spent');
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const line = ({ type, ...body }) =>
      ['message', 'typing', 'floor', 'ticket'].includes(type) &&
      response.write(`event: ${type}\n${body.seq ? `id: ${body.seq}\n` : ''}data: ${JSON.stringify(body)}\n\n`);
    response.on('close', this.join(conversation, line));
    response.write(': open\n\n');
    for (const message of conversation.messages.filter(({ seq }) => seq > Number(url.searchParams.get('after'))))
      line({ type: 'message', ...message });
  }

  accept(socket, request) {
    const token = (request.headers['sec-websocket-protocol'] ?? '')
      .split(/,\s*/)
      .find((part) => part.startsWith('bearer.'))
      ?.slice(7);
    const conversation = token && this.whose(token);
    if (!conversation) return socket.close(4401, 'auth');
    const send = (frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame));
    socket.on('message', (data) => this.hear(conversation, JSON.parse(data.toString()), send, socket));
  }

  hear(conversation, frame, send, socket) {
    if (frame.type === 'hello') {
      socket.on('close', this.join(conversation, send));
      const ended = {
        type: 'welcome',
        conversation: conversation.id,
        last_seq: conversation.messages.length,
        floor: conversation.floor,
        name: conversation.holder?.name ?? null,
        brand: { name: '示例证券客服' },
      };
      send(ended);
      for (const message of conversation.messages.filter(({ seq }) => seq > frame.after))
        send({ type: 'message', ...message });
    } else if (frame.type === 'ping') send({ type: 'pong' });
    else if (frame.type === 'send' && this.house.faults.sends === 'refuse') {
      send({
        type: 'error',
        code: 'too_many',
        message: '发送太快，请稍后再试',
        message_en: 'Too fast, please wait a moment',
        retryable: true,
        client_msg_id: frame.client_msg_id,
      });
    } else if (frame.type === 'send' && this.house.faults.sends === 'take and hang up') {
      socket.terminate();
      this.take(conversation, frame);
    } else if (frame.type === 'send')
      send({ type: 'ack', client_msg_id: frame.client_msg_id, ...this.take(conversation, frame) });
    else if (frame.type === 'typing') this.house.emit('client-typing', conversation);
    else this.house.record(frame.type, { conversation: conversation.id, seq: frame.seq, helpful: frame.helpful });
  }
}
