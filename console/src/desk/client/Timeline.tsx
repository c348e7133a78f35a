import {
  ApartmentOutlined,
  CheckSquareOutlined,
  FormOutlined,
  MergeCellsOutlined,
  MessageOutlined,
  NotificationOutlined,
  RiseOutlined,
  SafetyOutlined,
  SoundOutlined,
  ThunderboltOutlined,
} from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { timeline, type Entry } from '../api/timeline.ts';
import { useWords } from '../words/words.tsx';

const ICONS: Readonly<Record<string, ReactNode>> = {
  event: <ThunderboltOutlined />,
  message: <MessageOutlined />,
  ticket: <FormOutlined />,
  task: <CheckSquareOutlined />,
  notice: <NotificationOutlined />,
  campaign: <SoundOutlined />,
  journey: <ApartmentOutlined />,
  consent: <SafetyOutlined />,
  tier: <RiseOutlined />,
  merge: <MergeCellsOutlined />,
};

/** What happened to a client, newest first, more on request. */
export function Timeline({ clientId }: { clientId: string }) {
  const { t, explain } = useWords();
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = useCallback(
    async (before: string | null) => {
      setError(null);
      try {
        const page = await timeline.page(clientId, before);
        setEntries((known) => [...(before ? (known ?? []) : []), ...page.entries]);
        setNext(page.next);
      } catch (problem) {
        setError(problem);
      }
    },
    [clientId],
  );
  useEffect(() => void read(null), [read]);
  return (
    <section className="timeline" aria-label={t('timeline')}>
      <h3>{t('timeline')}</h3>
      {!entries && error === null && <Skeleton active title={false} paragraph={{ rows: 3 }} />}
      {entries?.length === 0 && <p className="quiet">{t('timeline_none')}</p>}
      <ol>
        {entries?.map((one) => (
          <Line key={`${one.kind}:${one.id}`} entry={one} />
        ))}
      </ol>
      {error !== null && (
        <p className="bad" role="alert">
          {explain(error)}{' '}
          <Button size="small" onClick={() => void read(next)}>
            {t('retry')}
          </Button>
        </p>
      )}
      {next && error === null && (
        <Button type="link" size="small" onClick={() => void read(next)}>
          {t('timeline_more')}
        </Button>
      )}
    </section>
  );
}

/** An entry: its title, what was said or how it stands, when. */
function Line({ entry }: { entry: Entry }) {
  const { say, language } = useWords();
  const { detail } = entry;
  const word = (name: string): string | null => (typeof detail[name] === 'string' ? detail[name] : null);
  const facts = [
    word('channel') && say('channel', word('channel')),
    word('state') && say(`timeline_${entry.kind}`, word('state')),
    word('reason') && say('why', word('reason')),
  ].filter((fact): fact is string => Boolean(fact));
  return (
    <li data-kind={entry.kind}>
      <span className="timeline-mark">{ICONS[entry.kind] ?? <ThunderboltOutlined />}</span>
      <div>
        <span>{entry.title[language]}</span>
        {entry.text && <p className="quiet clamp">{entry.text}</p>}
        <small className="quiet">
          <time dateTime={entry.at}>{shortMoment(entry.at, language)}</time>
          {facts.map((fact) => ` · ${fact}`)}
        </small>
      </div>
    </li>
  );
}
