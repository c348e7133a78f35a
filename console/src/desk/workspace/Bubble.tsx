import { Button } from 'antd';
import { clockTime } from '../../shared/moment.ts';
import type { DeskMessage } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import { deliveryOf } from './delivery.ts';
import { RichText } from './RichText.tsx';
import type { Draft } from './transcript.ts';

/** One message as staff see it: the client on the left, the house on the right, and how far ours has come. */
export function Bubble({ message, first }: { message: DeskMessage; first: boolean }) {
  const words = useWords();
  const { t, say, language } = words;
  const { author, content } = message;
  if (author === 'system')
    return (
      <p className="system-line">
        <span>{content.text}</span>
      </p>
    );
  const delivery = author === 'client' ? null : deliveryOf(message, words);
  const label =
    content.kind !== 'text' && content.kind !== 'card' && content.kind !== 'event'
      ? `[${say('kind', content.kind)}]`
      : '';
  return (
    <article
      className={`said ${author}${first ? ' first' : ''}${delivery?.tone === 'lost' ? ' failed' : ''}`}
      data-seq={message.seq}
    >
      {first && <p className="who">{message.name ?? t(author)}</p>}
      <div className="bubble">
        {label && (
          <p className="quiet">
            {label} {content.media?.name}
          </p>
        )}
        {content.text && <RichText text={content.text} />}
        {content.card && (
          <dl className="mini-card">
            {content.card.title && <strong>{content.card.title}</strong>}
            {(content.card.rows ?? []).map((row, index) => (
              <div key={index}>
                <dt>{row.label}</dt>
                <dd>{row.value}</dd>
              </div>
            ))}
          </dl>
        )}
        {content.choices && (
          <p className="mini-choices">
            {content.choices.map((choice) => (
              <span key={choice.payload}>{choice.title}</span>
            ))}
          </p>
        )}
      </div>
      <p className="meta">
        <time dateTime={message.at}>{clockTime(message.at, language)}</time>
        {delivery && <span className={delivery.tone}>{delivery.text}</span>}
      </p>
    </article>
  );
}

export function DraftBubble({ draft, onAgain, onDrop }: { draft: Draft; onAgain: () => void; onDrop: () => void }) {
  const { t, language } = useWords();
  return (
    <article className={draft.failure ? 'said agent failed' : 'said agent sending'}>
      <div className="bubble">
        <RichText text={draft.text} />
      </div>
      {draft.failure ? (
        <p className="meta bad" role="alert">
          {t('notSent', { why: draft.failure[language] })}
          <Button size="small" type="link" onClick={onAgain}>
            {t('resend')}
          </Button>
          <Button size="small" type="link" danger onClick={onDrop}>
            {t('dropDraft')}
          </Button>
        </p>
      ) : (
        <p className="meta">{t('sending')}</p>
      )}
    </article>
  );
}
