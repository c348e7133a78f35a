import { Button, Tag } from 'antd';
import { useState } from 'react';
import { clockTime } from '../../shared/moment.ts';
import type { ConsentWord } from '../api/insight.ts';
import type { ClientCard } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import { ChannelMark } from '../workspace/TicketLine.tsx';
import { ConsentDialog } from './ConsentDialog.tsx';
import { dayOf, mayMarket, placesOf, sourceOf, type Place } from './picture.ts';

interface Props {
  card: ClientCard;
  consents: readonly ConsentWord[];
  reload: () => Promise<void>;
}

/** What the client agreed to and refused at each address, since when and by which way; and the way to write down more. */
export function ConsentSheet({ card, consents, reload }: Props) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const places = placesOf(card.identities, consents);
  return (
    <section className="sheet" aria-label={t('picture_consents')}>
      <header className="headline">
        <div>
          <h2>{t('picture_consents')}</h2>
          <p className="quiet small">{t('picture_consentsLead')}</p>
        </div>
        {places.length > 0 && <Button onClick={() => setAsking(true)}>{t('picture_record')}</Button>}
      </header>
      {places.length === 0 && <p className="quiet">{t('picture_noIdentities')}</p>}
      <ul className="places">
        {places.map((place) => (
          <PlaceLine key={place.identity.id} place={place} />
        ))}
      </ul>
      <ConsentDialog
        clientId={card.id}
        places={places}
        open={asking}
        onClose={() => setAsking(false)}
        onDone={reload}
      />
    </section>
  );
}

function PlaceLine({ place }: { place: Place }) {
  const { t, say } = useWords();
  const { identity, words } = place;
  const isOpen = mayMarket(place);
  return (
    <li data-place={identity.id}>
      <header>
        <ChannelMark channel={identity.channel} /> <strong>{say('channel', identity.channel)}</strong>
        <small className="quiet">{identity.account}</small>
        <Tag color={isOpen ? 'green' : 'default'}>{t(isOpen ? 'picture_market' : 'picture_noMarket')}</Tag>
      </header>
      {words.length === 0 && <p className="quiet">{t('picture_unsaid')}</p>}
      <ul>
        {words.map((word) => (
          <WordLine key={word.category} word={word} />
        ))}
      </ul>
    </li>
  );
}

function WordLine({ word }: { word: ConsentWord }) {
  const { t, say, language } = useWords();
  const facts = [
    say('said', sourceOf(word.source)),
    `${dayOf(word.at, language)} ${clockTime(word.at, language)}`,
    word.person && t('picture_by', { person: word.person }),
  ].filter(Boolean);
  return (
    <li>
      <span>{say('category', word.category)}</span>{' '}
      <strong className={word.state === 'yes' ? 'good' : 'bad'}>{say('consent', word.state)}</strong>
      <small className="quiet">
        <time dateTime={word.at}>{facts.join(' · ')}</time>
        {word.note && <span className="note">{word.note}</span>}
      </small>
    </li>
  );
}
