/** One message in the list: the client's own, the assistant's, an agent's, a system line, or one still on its way. */
import type { JSX } from 'preact';
import type { Message } from '../../shared/content.ts';
import { clockTime } from '../../shared/moment.ts';
import { tickOf, type Pending, type State } from '../state.ts';
import { useChat } from './context.ts';
import { CardView, Choices, Feedback, MediaView } from './Extras.tsx';
import { ClockIcon, TickIcon, TicksIcon } from './icons.tsx';
import { RichText } from './RichText.tsx';

export function Note({ text }: { text: string }): JSX.Element {
  return (
    <p class="note">
      <span>{text}</span>
    </p>
  );
}

export function Bubble({
  message,
  first,
  newest,
  state,
}: {
  message: Message;
  first: boolean;
  newest: boolean;
  state: State;
}): JSX.Element {
  const { t, language } = useChat();
  const { author, content } = message;
  if (author === 'system') return <Note text={content.text ?? ''} />;
  const who = author === 'client' ? t('you') : (message.name ?? t(author));
  // What the assistant offered is over once a person has joined.
  const open = newest && author !== 'client' && !(author === 'bot' && state.floor === 'agent');
  const choices = open ? content.choices : undefined;
  return (
    <article class={`row ${author}${first ? ' first' : ''}`} data-seq={message.seq}>
      {first && author !== 'client' && <p class="who">{who}</p>}
      <div class="bubble">
        {first && author === 'client' && <span class="hidden">{who}: </span>}
        <MediaView content={content} />
        {content.text && <RichText text={content.text} />}
        {content.card && <CardView card={content.card} />}
        {content.article?.title && <p class="source">{t('source', { title: content.article.title })}</p>}
      </div>
      <p class="meta">
        <time dateTime={message.at}>{clockTime(message.at, language)}</time>
        {author === 'client' && <Tick tick={tickOf(state, message.seq)} />}
      </p>
      {content.feedback && author === 'bot' && <Feedback seq={message.seq} given={state.feedback[message.seq]} />}
      {choices && choices.length > 0 && <Choices choices={choices} />}
    </article>
  );
}

function Tick({ tick }: { tick: 'stored' | 'delivered' | 'read' }): JSX.Element {
  const { t } = useChat();
  const label = t(`tick_${tick}`);
  return (
    <span class={`tick ${tick}`} role="img" aria-label={label} title={label}>
      {tick === 'stored' ? <TickIcon /> : <TicksIcon />}
    </span>
  );
}

export function PendingBubble({
  pending,
  first,
  online,
}: {
  pending: Pending;
  first: boolean;
  online: boolean;
}): JSX.Element {
  const { t, session, language } = useChat();
  const { failure } = pending;
  const why = (failure && (language === 'zh' ? failure.text : failure.textEn)) || t('failedUnknown');
  const label = t(online ? 'tick_sending' : 'tick_waiting');
  return (
    <article
      class={`row client${first ? ' first' : ''}${failure ? ' failed' : ' sending'}`}
      data-pending={pending.client_msg_id}
    >
      <div class="bubble">
        <RichText text={pending.text} />
      </div>
      {failure ? (
        <p class="meta problem" role="alert">
          <span>{t('failed', { why })}</span>
          {failure.retryable && (
            <button type="button" onClick={() => session.retry(pending.client_msg_id)}>
              {t('resend')}
            </button>
          )}
          <button type="button" onClick={() => session.discard(pending.client_msg_id)}>
            {t('discard')}
          </button>
        </p>
      ) : (
        <p class="meta">
          <span class="tick" role="img" aria-label={label} title={label}>
            <ClockIcon />
          </span>
        </p>
      )}
    </article>
  );
}
