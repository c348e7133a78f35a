import { Button, Empty, Table, Tag, type TableColumnsType } from 'antd';
import { useCallback, useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { events, PAGE, type EventType, type KeptEvent, type KeptPage as Kept } from '../api/event.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { figuresOf } from './event.ts';
import { FixDialog } from './FixDialog.tsx';

const LOOK_EVERY_MS = 5_000;
const STATES = ['unknown_client', 'unknown_type', 'failed'] as const;

interface Seen extends Kept {
  types: EventType[];
}

/** Events of the broker's systems that nobody could handle: why, whose, and what to do about each. */
export function KeptPage() {
  const { t } = useWords();
  const [pages, setPages] = useState<string[]>([]);
  const before = pages.at(-1);
  const load = useCallback(async (): Promise<Seen> => {
    const [kept, types] = await Promise.all([events.kept(before), events.types()]);
    return { ...kept, types };
  }, [before]);
  const source = useLoad(load, LOOK_EVERY_MS);
  return (
    <Page title={t('kept')} lead={t('kept_lead')} source={source}>
      {(data) => (
        <>
          <Counts counts={data.counts} />
          <Rows data={data} onDone={source.reload} />
          <div className="page-actions">
            {pages.length > 0 && <Button onClick={() => setPages(pages.slice(0, -1))}>{t('kept_newer')}</Button>}
            {data.events.length === PAGE && (
              <Button onClick={() => setPages([...pages, data.events.at(-1)?.id ?? ''])}>{t('kept_older')}</Button>
            )}
          </div>
        </>
      )}
    </Page>
  );
}

function Counts({ counts }: { counts: Kept['counts'] }) {
  const { t, say, language } = useWords();
  return (
    <p className="sheet" role="status">
      {STATES.map((state) => (
        <Tag key={state} color={counts[state] ? 'warning' : 'default'}>
          {say('kept_is', state)} {count(counts[state] ?? 0, language)}
        </Tag>
      ))}
      <span className="quiet">{t('kept_waiting', { n: count(counts.new ?? 0, language) })}</span>
    </p>
  );
}

function Rows({ data, onDone }: { data: Seen; onDone: () => Promise<void> }) {
  const { t, language } = useWords();
  const [chosen, setChosen] = useState<string[]>([]);
  const [wrong, setWrong] = useState<KeptEvent | null>(null);
  const { busy, run } = useDeed(onDone);
  const failed = data.events.filter((one) => one.state === 'failed');
  const ids = failed.map(({ id }) => id).filter((id) => chosen.includes(id));
  const replay = (which: string[]): void => {
    let n = 0;
    const said = (): string => t('kept_replayed', { n: count(n, language) });
    void run(async () => (n = await events.replay(which)), said).then((done) => done && setChosen([]));
  };
  return (
    <section className="sheet stack" aria-label={t('kept')}>
      <div className="page-actions">
        <Button loading={busy} disabled={ids.length === 0} onClick={() => replay(ids)}>
          {t('kept_replayChosen', { n: ids.length })}
        </Button>
        <Button loading={busy} disabled={failed.length === 0} onClick={() => replay(failed.map(({ id }) => id))}>
          {t('kept_replayPage', { n: failed.length })}
        </Button>
      </div>
      <Table<KeptEvent>
        size="small"
        rowKey="id"
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={useColumns(data.types, setWrong)}
        dataSource={data.events}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('kept_none')} /> }}
        rowSelection={{
          selectedRowKeys: ids,
          onChange: (keys) => setChosen(keys.map(String)),
          getCheckboxProps: (one) => ({ disabled: one.state !== 'failed', 'aria-label': one.key }),
        }}
      />
      <FixDialog one={wrong} types={data.types} onClose={() => setWrong(null)} onDone={onDone} />
    </section>
  );
}

function useColumns(types: EventType[], onFix: (one: KeptEvent) => void): TableColumnsType<KeptEvent> {
  const { t, say, language } = useWords();
  const nameOf = (type: string): string => types.find(({ name }) => name === type)?.[language] ?? type;
  return [
    { title: t('kept_at'), render: (_, one) => <time dateTime={one.at}>{shortMoment(one.at, language)}</time> },
    {
      title: t('kept_why'),
      render: (_, one) => (
        <>
          <Tag color="warning">{say('kept_is', one.state)}</Tag>
          {one.reason && <code className="small">{one.reason}</code>}
        </>
      ),
    },
    {
      title: t('kept_client'),
      render: (_, one) => (
        <>
          {one.name || '—'} <span className="quiet">{one.client_no}</span>
        </>
      ),
    },
    { title: t('kept_type'), render: (_, one) => nameOf(one.type) },
    {
      title: t('kept_figures'),
      render: (_, one) =>
        figuresOf(one, types, language)
          .map(([name, value]) => `${name} ${value}`)
          .join(' · ') || '—',
    },
    {
      title: t('kept_source'),
      render: (_, one) => (
        <>
          {one.source} <code className="small">{one.key}</code>
        </>
      ),
    },
    {
      render: (_, one) => (
        <Button type="link" size="small" onClick={() => onFix(one)}>
          {t('kept_fix')}
        </Button>
      ),
    },
  ];
}
