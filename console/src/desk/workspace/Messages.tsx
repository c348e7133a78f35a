import { Button, Skeleton } from 'antd';
import { Fragment, useEffect, useLayoutEffect, useRef } from 'react';
import { dayKey, dayLabel } from '../../shared/moment.ts';
import { Failure } from '../shell/Failure.tsx';
import { useWords } from '../words/words.tsx';
import { Bubble, DraftBubble } from './Bubble.tsx';
import { newestSeq, type Draft } from './transcript.ts';
import type { TranscriptHandle } from './useTranscript.ts';

const NEAR_PX = 80;

/** The conversation, live: stays at the newest message while the reader is there, keeps the place when older ones load. */
export function Messages({ handle, onAgain }: { handle: TranscriptHandle; onAgain: (draft: Draft) => void }) {
  const { t, say, language } = useWords();
  const { transcript } = handle;
  const { messages, drafts, typing } = transcript;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef({ oldest: messages[0]?.seq, height: 0 });

  useLayoutEffect(() => {
    const list = box.current;
    if (!list) return;
    const { oldest, height } = before.current;
    const now = messages[0]?.seq;
    if (atEnd.current) list.scrollTop = list.scrollHeight;
    else if (oldest !== undefined && now !== undefined && now < oldest) list.scrollTop += list.scrollHeight - height;
    before.current = { oldest: now, height: list.scrollHeight };
  });
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const onScroll = (): void => {
    const list = box.current;
    if (list) atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
  };

  return (
    <div
      className="messages"
      ref={box}
      onScroll={onScroll}
      role="log"
      aria-live="polite"
      aria-label={t('log')}
      tabIndex={0}
      data-newest={newestSeq(transcript)}
    >
      {handle.error !== null && <Failure error={handle.error} retry={handle.reload} />}
      {!transcript.loaded && handle.error === null && <Skeleton active paragraph={{ rows: 6 }} />}
      {transcript.older !== 'none' && (
        <Button type="link" loading={transcript.older === 'loading'} onClick={handle.loadOlder}>
          {t('older')}
        </Button>
      )}
      {messages.map((message, index) => {
        const previous = messages[index - 1];
        const newDay = !previous || dayKey(previous.at) !== dayKey(message.at);
        return (
          <Fragment key={message.seq}>
            {newDay && <h3 className="day">{dayLabel(message.at, language)}</h3>}
            <Bubble
              message={message}
              first={newDay || previous.author !== message.author || previous.name !== message.name}
            />
          </Fragment>
        );
      })}
      {drafts.map((draft) => (
        <DraftBubble
          key={draft.client_msg_id}
          draft={draft}
          onAgain={() => onAgain(draft)}
          onDrop={() => handle.drop(draft)}
        />
      ))}
      {typing && (
        <p className="typing-line" role="status">
          {say('typing', typing.actor)}
        </p>
      )}
    </div>
  );
}
