/**
 * The desk's live socket: reconnects with back-off, keeps asking for the conversation being watched, and tells
 * its listeners when it is back, so that they fetch what they missed. It never replays by time: screens re-read.
 */
import { retryDelay } from '../../shared/backoff.ts';
import type { LiveFrame } from './types.ts';

export type LiveState = 'connecting' | 'online' | 'waiting';

const PING_EVERY_MS = 20_000;
const SILENT_FOR_MS = 60_000;
const CLOSE_AUTH = 4401;

export class Live {
  private socket: WebSocket | null = null;
  private readonly listeners = new Set<(frame: LiveFrame) => void>();
  private readonly onlineListeners = new Set<() => void>();
  private readonly stateListeners = new Set<() => void>();
  private state: LiveState = 'connecting';
  private watched: string | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly signedOut: () => void) {}

  start(): void {
    window.addEventListener('online', this.connect);
    this.connect();
  }

  stop(): void {
    window.removeEventListener('online', this.connect);
    clearTimeout(this.timer);
    this.abandon();
  }

  readonly getState = (): LiveState => this.state;

  readonly onState = (listener: () => void): (() => void) => subscribe(this.stateListeners, listener);

  onFrame(listener: (frame: LiveFrame) => void): () => void {
    return subscribe(this.listeners, listener);
  }

  /** Called whenever the line is up: nobody has told what happened before. */
  onOnline(listener: () => void): () => void {
    return subscribe(this.onlineListeners, listener);
  }

  watch(conversationId: string | null): void {
    if (conversationId === this.watched) return;
    if (this.watched) this.say({ type: 'unwatch', conversation_id: this.watched });
    this.watched = conversationId;
    if (conversationId) this.say({ type: 'watch', conversation_id: conversationId });
  }

  /** Ask again for the watched conversation: the service forgets it for who may no longer see it, and it may have come back. */
  watchAgain(): void {
    if (this.watched) this.say({ type: 'watch', conversation_id: this.watched });
  }

  readonly connect = (): void => {
    clearTimeout(this.timer);
    this.abandon();
    this.enter('connecting');
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/desk/live`);
    this.socket = socket;
    let heardAt = Date.now();
    let answersPings = false;
    socket.onopen = () => this.opened();
    socket.onmessage = (event) => {
      heardAt = Date.now();
      answersPings ||= event.data === '{"type":"pong"}';
      this.hear(event.data);
    };
    socket.onclose = (event) => this.closed(event.code);
    this.pulse = setInterval(() => {
      if (answersPings && Date.now() - heardAt > SILENT_FOR_MS) this.closed(1006);
      else this.say({ type: 'ping' });
    }, PING_EVERY_MS);
  };

  private opened(): void {
    this.attempt = 0;
    if (this.watched) this.say({ type: 'watch', conversation_id: this.watched });
    this.enter('online');
    for (const listener of this.onlineListeners) listener();
  }

  private closed(code: number): void {
    this.abandon();
    if (code === CLOSE_AUTH) return this.signedOut();
    this.enter('waiting');
    this.timer = setTimeout(this.connect, retryDelay(this.attempt++));
  }

  private hear(data: unknown): void {
    if (typeof data !== 'string') return;
    const frame = JSON.parse(data) as LiveFrame;
    for (const listener of this.listeners) listener(frame);
  }

  private say(frame: unknown): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private enter(state: LiveState): void {
    this.state = state;
    for (const listener of this.stateListeners) listener();
  }

  private abandon(): void {
    clearInterval(this.pulse);
    if (!this.socket) return;
    this.socket.onclose = null;
    this.socket.onmessage = null;
    this.socket.close();
    this.socket = null;
  }
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
