/** Keeps one line to the service open: retries with back-off and jitter, changes the wire when one is blocked. */
import { retryDelay } from '../shared/backoff.ts';
import type { Ended, Line } from './socket.ts';
import type { Link } from './state.ts';
import { CLOSE, type ClientFrame, type ServerFrame } from './wire.ts';

/** Two sockets in a row that never carried a welcome: something between us and the service blocks them. */
const BLOCKED_AFTER = 2;

export type Wire = 'socket' | 'stream';

export interface Opener {
  /** Do what must be done before a line opens (token, history) and open it; a rejection counts as a failed try. */
  open: (wire: Wire, events: { frame: (frame: ServerFrame) => void; ended: (ended: Ended) => void }) => Promise<Line>;
  frame: (frame: ServerFrame) => void;
  link: (link: Link, retryAt?: number) => void;
  /** The token was refused; return true when a new one is ready and it makes sense to try again. */
  refused: () => boolean;
}

export class Connection {
  private line: Line | null = null;
  private wire: Wire = 'socket';
  private unwelcomed = 0;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;
  private readonly onOnline = (): void => this.connect();
  private readonly onOffline = (): void => this.drop('offline');

  constructor(private readonly opener: Opener) {}

  start(): void {
    window.addEventListener('online', this.onOnline);
    window.addEventListener('offline', this.onOffline);
    this.connect();
  }

  stop(): void {
    window.removeEventListener('online', this.onOnline);
    window.removeEventListener('offline', this.onOffline);
    this.drop('idle');
  }

  /** Try now, whatever was planned: a person pressed the button, or the network came back. */
  connect(): void {
    this.drop(navigator.onLine ? 'connecting' : 'offline');
    if (navigator.onLine) void this.open(this.generation);
  }

  send(frame: ClientFrame): void {
    this.line?.send(frame);
  }

  private async open(generation: number): Promise<void> {
    const current = (): boolean => generation === this.generation;
    try {
      const line = await this.opener.open(this.wire, {
        frame: (frame) => current() && this.hear(frame),
        ended: (ended) => current() && this.after(ended),
      });
      if (current()) this.line = line;
      else line.close();
    } catch (error) {
      const code = (error as { status?: number }).status === 401 ? CLOSE.auth : 1006;
      if (current()) this.after({ welcomed: false, code });
    }
  }

  private hear(frame: ServerFrame): void {
    if (frame.type === 'welcome') {
      this.attempt = 0;
      this.unwelcomed = 0;
      this.opener.link('online');
    }
    this.opener.frame(frame);
  }

  private after({ welcomed, code }: Ended): void {
    if (code === CLOSE.replaced) return this.drop('replaced');
    if (code === CLOSE.auth && !this.opener.refused()) return this.drop('signed-out');
    this.chooseWire(welcomed);
    if (!navigator.onLine) return this.drop('offline');
    const delay = retryDelay(this.attempt++ + (code === CLOSE.tooMany ? 3 : 0));
    this.drop('waiting', Date.now() + delay);
    this.timer = setTimeout(() => this.connect(), delay);
  }

  /** After a stream, the socket gets one more chance: networks change, and the socket is the better wire. */
  private chooseWire(welcomed: boolean): void {
    if (this.wire === 'stream') {
      this.wire = 'socket';
      this.unwelcomed = BLOCKED_AFTER - 1;
    } else if (!welcomed && ++this.unwelcomed >= BLOCKED_AFTER) {
      this.wire = 'stream';
    }
  }

  private drop(link: Link, retryAt?: number): void {
    this.generation++;
    clearTimeout(this.timer);
    this.line?.close();
    this.line = null;
    this.opener.link(link, retryAt);
  }
}
