import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import type { ClientTalk } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import { ChannelMark } from './TicketLine.tsx';

/** The client's conversations on other channels that this person may see: each leads there, none is mixed into this one. */
export function OtherTalks({ talks }: { talks: readonly ClientTalk[] }) {
  const { t, say, language } = useWords();
  return (
    <>
      <h3>{t('card_talks')}</h3>
      {talks.length === 0 && <p className="quiet">{t('card_noTalks')}</p>}
      <ul className="recent" aria-label={t('card_talks')}>
        {talks.map((talk) => (
          <li key={talk.id}>
            <Link to={`/tickets/all/${talk.ticket_id}`}>
              <ChannelMark channel={talk.channel} /> {say('channel', talk.channel)}
            </Link>
            {talk.open_tickets > 0 && <span className="warn">{t('card_talkOpen', { n: talk.open_tickets })}</span>}
            <small className="quiet">
              {say('floor', talk.floor)} · {t('card_talkLast', { at: shortMoment(talk.last_at, language) })}
            </small>
          </li>
        ))}
      </ul>
    </>
  );
}
