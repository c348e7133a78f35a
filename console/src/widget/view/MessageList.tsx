import type { JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { dayLabel } from '../../shared/moment.ts';
import { rowsOf, type Row } from '../rows.ts';
import { lastSeq, type FloorNote, type State } from '../state.ts';
import { Bubble, Note, PendingBubble } from './Bubble.tsx';
import { Choices } from './Extras.tsx';
import { useChat, type Chat } from './context.ts';
import { DownIcon } from './icons.tsx';

const NEAR_PX = 60;

/**
 * The scrolling list. It stays at the newest message while the reader is there, keeps the reader's place when
 * older messages come in above, and offers a way down when new ones come in below.
 */
export function MessageList({ state }: { state: State }): JSX.Element {
  const chat = useChat();
  const box = useRef<HTMLDivElement>(null);
  const atBottom = useRef(true);
  const [away, setAway] = useState(false);
  const seen = useRef(0);
  const rows = rowsOf(state);
  const oldest = state.messages[0]?.seq;

  const follow = useCallback(() => {
    const list = box.current;
    if (!list) return;
    atBottom.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
    setAway(!atBottom.current);
    if (list.scrollTop < NEAR_PX && list.scrollHeight > list.clientHeight) void chat.session.loadOlder();
    markRead();
  }, [chat.session]);
  const markRead = (): void => {
    if (!atBottom.current || document.visibilityState !== 'visible') return;
    seen.current = lastSeq(chat.session.getState());
    chat.session.markRead();
  };
  const toBottom = (): void => box.current?.scrollTo({ top: box.current.scrollHeight });

  useKeepPlace(box, oldest);
  useLayoutEffect(() => {
    if (!box.current || !(atBottom.current || state.pending.length > 0)) return;
    showNewest(box.current);
    markRead();
    follow();
  }, [lastSeq(state), state.notes.length, state.typing !== null, state.pending, state.feedback]);
  useEffect(() => {
    // The banner, the ticket line and a growing composer take height from the list.
    const observer = new ResizeObserver(() => atBottom.current && toBottom());
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    document.addEventListener('visibilitychange', markRead);
    return () => document.removeEventListener('visibilitychange', markRead);
  }, []);

  const below = state.messages.filter((message) => message.seq > seen.current && message.author !== 'client').length;
  return (
    <div class="list-frame">
      <div
        class="list"
        ref={box}
        onScroll={follow}
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label={chat.t('log')}
        tabIndex={0}
      >
        <Top state={state} />
        {rows.map((row) => (
          <RowView key={row.key} row={row} state={state} chat={chat} />
        ))}
        {state.typing && <Typing label={chat.t(`typing_${state.typing.actor}`)} />}
      </div>
      {away && (
        <button type="button" class="to-bottom" onClick={toBottom} aria-label={chat.t('toBottom')}>
          <DownIcon />
          {below > 0 && <span>{chat.t('newMessages', { n: below })}</span>}
        </button>
      )}
    </div>
  );
}

/** Go to the end; but an answer that is longer than the list is shown from its first line, not from its last. */
function showNewest(list: HTMLElement): void {
  const newest = [...list.querySelectorAll('article')].at(-1);
  list.scrollTop = list.scrollHeight;
  if (!newest || newest.classList.contains('client')) return;
  const cut = list.getBoundingClientRect().top + 8 - newest.getBoundingClientRect().top;
  if (cut > 0) list.scrollTop -= cut;
}

/** When older messages appear above, move the view by as much as they are high: the reader sees the same lines. */
function useKeepPlace(box: { current: HTMLDivElement | null }, oldest: number | undefined): void {
  const before = useRef({ oldest, height: 0 });
  useLayoutEffect(() => {
    const list = box.current;
    if (!list) return;
    const { oldest: known, height } = before.current;
    if (known !== undefined && oldest !== undefined && oldest < known) list.scrollTop += list.scrollHeight - height;
    before.current = { oldest, height: list.scrollHeight };
  });
}

function Top({ state }: { state: State }): JSX.Element | null {
  const { t, session } = useChat();
  if (state.history === 'loading' && state.messages.length > 0)
    return (
      <p class="edge" role="status">
        {t('older')}
      </p>
    );
  if (state.history === 'failed')
    return (
      <p class="edge">
        {t('olderFailed')}{' '}
        <button type="button" onClick={() => void session.loadOlder()}>
          {t('retryNow')}
        </button>
      </p>
    );
  return state.messages.length === 0 || state.history === 'complete' ? (
    <Greeting empty={state.messages.length + state.pending.length === 0} />
  ) : null;
}

/** How every conversation begins: who answers here and, while it is empty, four things that people ask. */
function Greeting({ empty }: { empty: boolean }): JSX.Element {
  const { t } = useChat();
  const starters = (['starter1', 'starter2', 'starter3', 'starter4'] as const).map((key) => ({
    title: t(key),
    payload: t(key),
  }));
  return (
    <div class="row bot first greeting">
      <p class="who">{t('bot')}</p>
      <div class="bubble">
        <p>{t('greeting')}</p>
      </div>
      {empty && <p class="meta">{t('starters')}</p>}
      {empty && <Choices choices={starters} />}
    </div>
  );
}

function RowView({ row, state, chat }: { row: Row; state: State; chat: Chat }): JSX.Element {
  if (row.kind === 'day')
    return (
      <h3 class="day">
        <time dateTime={row.at}>{dayLabel(row.at, chat.language)}</time>
      </h3>
    );
  if (row.kind === 'note') return <Note text={noteText(row.note, chat)} />;
  if (row.kind === 'pending')
    return <PendingBubble pending={row.pending} first={row.first} online={state.link === 'online'} />;
  return <Bubble message={row.message} first={row.first} newest={row.newest} state={state} />;
}

function noteText(note: FloorNote, { t }: Chat): string {
  if (note.floor === 'agent') return note.name ? t('note_agent', { name: note.name }) : t('note_agentUnnamed');
  return t(`note_${note.floor}`);
}

function Typing({ label }: { label: string }): JSX.Element {
  return (
    <div class="row bot typing" data-testid="typing">
      <div class="bubble" role="status" aria-label={label}>
        <i />
        <i />
        <i />
      </div>
    </div>
  );
}
