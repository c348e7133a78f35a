import type { ReactNode } from 'react';
import type { ClientRecord } from '../api/merge.ts';
import { useWords } from '../words/words.tsx';
import { dayOf, listOf } from './record.ts';

/** A record in one line: who it is, masked, where it is reached, since when; what can be done stands at its end. */
export function RecordLine({ one, children }: { one: ClientRecord; children: ReactNode }) {
  const words = useWords();
  const { say, t } = words;
  const facts = [
    one.phone,
    listOf(
      one.channels.map((channel) => say('channel', channel)),
      words,
    ),
    one.open_tickets > 0 ? t('card_talkOpen', { n: one.open_tickets }) : '',
    dayOf(one.created_at, words),
  ];
  return (
    <li className="record-line" data-record={one.id}>
      <div>
        <strong>{one.name ?? t('stranger')}</strong> <code>{one.client_no}</code>
        <p className="quiet small">{facts.filter(Boolean).join(' · ')}</p>
      </div>
      {children}
    </li>
  );
}
