/** A client's chat: holds the state, keeps it over page loads, and turns what the person does into frames. */
import type { Choice } from '../shared/content.ts';
import { newId } from '../shared/ids.ts';
import type { Language } from '../shared/moment.ts';
import { Connection, type Wire } from './connection.ts';
import type { Memory } from './memory.ts';
import { PAGE, Rest } from './rest.ts';
import { openSocket, type Line, type LineEvents } from './socket.ts';
import { EMPTY, lastSeq, reduce, type Change, type Pending, type State } from './state.ts';
import { openStream } from './stream.ts';
import { isFresh, readClaims } from './token.ts';
import type { ServerFrame } from './wire.ts';

const TYPING_EVERY_MS = 3_000;

export class ChatSession {
  private state: State = EMPTY;
  private readonly listeners = new Set<() => void>();
  private readonly connection: Connection;
  private rest: Rest | null = null;
  private subject: string | null = null;
  private started = false;
  private typedAt = 0;

  constructor(
    readonly base: string,
    private hostToken: string | null,
    private language: Language,
    private readonly memory: Memory,
    private readonly onSignedOut: () => void,
  ) {
    this.connection = new Connection({
      open: (wire, events) => this.open(wire, events),
      frame: (frame) => this.receive(frame),
      link: (link, retryAt) =>
        this.change(retryAt === undefined ? { kind: 'link', link } : { kind: 'link', link, retryAt }),
      refused: () => this.tokenRefused(),
    });
  }

  readonly getState = (): State => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    if (this.started) return;
    this.started = true;
    this.connection.start();
  }

  stop(): void {
    this.started = false;
    this.connection.stop();
  }

  reconnect(): void {
    this.connection.connect();
  }

  /** Another person, or the same one with a new token: the host application calls this. */
  useToken(token: string | null): void {
    this.hostToken = token;
    this.rest = null;
    if (token === null || readClaims(token)?.sub !== this.subject) this.state = { ...EMPTY };
    if (this.started) this.connection.connect();
  }

  useLanguage(language: Language): void {
    this.language = language;
    if (this.started) this.connection.connect();
  }

  say(text: string): void {
    this.compose({ client_msg_id: newId(), text, at: new Date().toISOString() });
  }

  choose(choice: Choice): void {
    this.compose({ client_msg_id: newId(), text: choice.title, payload: choice.payload, at: new Date().toISOString() });
  }

  retry(id: string): void {
    this.change({ kind: 'retry', id });
    const pending = this.state.pending.find((one) => one.client_msg_id === id);
    if (pending) this.transmit(pending);
  }

  discard(id: string): void {
    this.change({ kind: 'discard', id });
  }

  typing(): void {
    if (Date.now() - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = Date.now();
    this.connection.send({ type: 'typing' });
  }

  /** The person has the newest message before their eyes. */
  markRead(): void {
    const seq = lastSeq(this.state);
    if (seq <= this.state.readSeq) return;
    this.change({ kind: 'read', seq });
    this.connection.send({ type: 'read', seq });
  }

  rate(seq: number, helpful: boolean): void {
    this.change({ kind: 'feedback', seq, helpful });
    this.connection.send({ type: 'feedback', seq, helpful });
  }

  dismissNotice(): void {
    this.change({ kind: 'notice', notice: null });
  }

  async loadOlder(): Promise<void> {
    const first = this.state.messages[0]?.seq;
    if (!this.rest || first === undefined || this.state.history === 'loading' || this.state.history === 'complete')
      return;
    this.change({ kind: 'history-loading' });
    try {
      const page = await this.rest.history({ before: first });
      this.change({ kind: 'history', messages: page.messages, complete: page.messages.length < PAGE });
    } catch {
      this.change({ kind: 'history-failed' });
    }
  }

  private async open(wire: Wire, events: LineEvents): Promise<Line> {
    const token = await this.findToken();
    const rest = (this.rest ??= this.begin(token));
    if (this.state.messages.length === 0) await this.loadNewest(rest);
    const after = lastSeq(this.state);
    if (wire === 'stream') return openStream(rest, after, events);
    return openSocket(this.base, token, { type: 'hello', after, language: this.language }, events);
  }

  private async findToken(): Promise<string> {
    if (this.hostToken) return this.hostToken;
    const kept = this.memory.visitorToken();
    if (kept && isFresh(kept, Date.now())) return kept;
    const token = await Rest.createVisitor(this.base);
    this.memory.keepVisitorToken(token);
    this.rest = null;
    return token;
  }

  private begin(token: string): Rest {
    const subject = readClaims(token)?.sub ?? 'visitor';
    if (subject !== this.subject) {
      if (this.subject !== null) this.state = { ...EMPTY, pending: this.state.pending, link: this.state.link };
      this.subject = subject;
      this.change({ kind: 'restored', ...this.memory.recall(subject, Date.now()) });
      this.memory.keep(subject, this.state);
    }
    return new Rest(this.base, token);
  }

  private async loadNewest(rest: Rest): Promise<void> {
    const page = await rest.history();
    this.change({ kind: 'history', messages: page.messages, complete: page.messages.length < PAGE, floor: page.floor });
    // A browser that has never seen this conversation does not count its past as unread.
    if (this.state.readSeq === 0) this.change({ kind: 'read', seq: lastSeq(this.state) });
  }

  private tokenRefused(): boolean {
    this.rest = null;
    if (this.hostToken) {
      this.onSignedOut();
      return false;
    }
    this.memory.keepVisitorToken(null);
    return true;
  }

  private receive(frame: ServerFrame): void {
    this.change({ kind: 'frame', frame, now: Date.now() });
    if (frame.type === 'welcome') this.catchUp();
    if (frame.type === 'message' && frame.author !== 'client')
      this.connection.send({ type: 'delivered', seq: lastSeq(this.state) });
    if (frame.type === 'typing')
      setTimeout(() => this.change({ kind: 'typing-over', now: Date.now() }), Math.min(frame.ttl_ms, 30_000) + 50);
  }

  /** Send what the service has not confirmed, oldest first, under the ids it had: the service knows a repeat. */
  private catchUp(): void {
    for (const pending of this.state.pending) if (!pending.failure) this.transmit(pending);
  }

  private compose(pending: Pending): void {
    this.change({ kind: 'composed', pending });
    if (this.state.link === 'online') this.transmit(pending);
    else if (this.state.link === 'waiting') this.connection.connect();
  }

  private transmit({ client_msg_id, text, payload }: Pending): void {
    this.connection.send({ type: 'send', client_msg_id, text, ...(payload === undefined ? {} : { payload }) });
  }

  private change(change: Change): void {
    const next = reduce(this.state, change);
    if (next === this.state) return;
    const kept =
      next.pending !== this.state.pending ||
      next.readSeq !== this.state.readSeq ||
      next.feedback !== this.state.feedback;
    this.state = next;
    if (kept && this.subject && change.kind !== 'restored') this.memory.keep(this.subject, next);
    for (const listener of this.listeners) listener();
  }
}
