/** What may hang under a bubble: a card, quick replies, "was this helpful?", a picture or a file. */
import type { JSX } from 'preact';
import type { Card, Choice, Content } from '../../shared/content.ts';
import { useChat } from './context.ts';
import { DownThumbIcon, UpIcon } from './icons.tsx';

export function CardView({ card }: { card: Card }): JSX.Element {
  return (
    <section class="card" aria-label={card.title}>
      {card.title && <h3>{card.title}</h3>}
      <dl>
        {(card.rows ?? []).map((row, index) => (
          <div key={index}>
            <dt>{row.label}</dt>
            <dd>{row.value}</dd>
          </div>
        ))}
      </dl>
      {card.note && <p class="card-note">{card.note}</p>}
    </section>
  );
}

export function Choices({ choices }: { choices: readonly Choice[] }): JSX.Element {
  const { session } = useChat();
  return (
    <div class="choices">
      {choices.map((choice) => (
        <button type="button" key={choice.payload} onClick={() => session.choose(choice)}>
          {choice.title}
        </button>
      ))}
    </div>
  );
}

export function Feedback({ seq, given }: { seq: number; given: boolean | undefined }): JSX.Element {
  const { session, t } = useChat();
  if (given !== undefined)
    return (
      <p class="feedback" role="status">
        {t(given ? 'thanksYes' : 'thanksNo')}
      </p>
    );
  return (
    <div class="feedback" role="group" aria-label={t('helpful')}>
      <span>{t('helpful')}</span>
      <button type="button" onClick={() => session.rate(seq, true)}>
        <UpIcon />
        {t('yes')}
      </button>
      <button type="button" onClick={() => session.rate(seq, false)}>
        <DownThumbIcon />
        {t('no')}
      </button>
    </div>
  );
}

/** A picture is shown, anything else is a link; an address that is not http(s) is neither. */
export function MediaView({ content }: { content: Content }): JSX.Element | null {
  const { session, t } = useChat();
  const kinds = {
    image: 'media_image',
    voice: 'media_voice',
    video: 'media_video',
    file: 'media_file',
    location: 'media_location',
    link: 'media_link',
  } as const;
  if (!(content.kind in kinds)) return null;
  const label = content.media?.name ?? t(kinds[content.kind as keyof typeof kinds]);
  const address = webAddress(content.media?.url, session.base);
  if (!address) return <p class="media-name">[{label}]</p>;
  if (content.kind === 'image')
    return (
      <a class="picture" href={address} target="_blank" rel="noopener noreferrer">
        <img src={address} alt={label} loading="lazy" />
      </a>
    );
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {t('openMedia', { what: label })}
    </a>
  );
}

function webAddress(url: string | undefined, base: string): string | null {
  try {
    const address = new URL(url ?? '', base);
    return url && /^https?:$/.test(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}
