import { App, Button, Empty, Table, type TableColumnsType } from 'antd';
import { useCallback, useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { journeys, type StandingRun } from '../api/journey.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { may, useSession } from '../session/session.tsx';
import { Failure } from '../shell/Failure.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';

const LOOK_EVERY_MS = 5_000;

const keyOf = (one: StandingRun): string => `${one.client_id}/${one.entry_key}`;

/** Clients who stand where their journey could not go on: why, tried again now, or taken off. */
export function StandingRuns({ journeyId }: { journeyId: string }) {
  const { t, language } = useWords();
  const { person } = useSession();
  const load = useCallback(() => journeys.standing(journeyId), [journeyId]);
  const { data, error, reload } = useLoad(load, LOOK_EVERY_MS);
  const [chosen, setChosen] = useState<string[]>([]);
  if (!data) return error === null ? null : <Failure error={error} retry={() => void reload()} />;
  const rows = data.runs.filter((one) => chosen.includes(keyOf(one)));
  return (
    <section className="sheet stack" aria-label={t('journey_standing')}>
      <p className="quiet">{t('journey_standingLead')}</p>
      {data.count > data.runs.length && (
        <p role="status">{t('journey_standingMore', { n: count(data.count, language), shown: data.runs.length })}</p>
      )}
      {may(person, 'journey') && <Deeds journeyId={journeyId} rows={rows} onDone={reload} />}
      <Table<StandingRun>
        size="small"
        rowKey={keyOf}
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={useColumns()}
        dataSource={data.runs}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('journey_standingNone')} /> }}
        {...(may(person, 'journey')
          ? {
              rowSelection: {
                selectedRowKeys: rows.map(keyOf),
                onChange: (keys) => setChosen(keys.map(String)),
                getCheckboxProps: (one) => ({ 'aria-label': `${one.name} ${one.client_no}` }),
              },
            }
          : {})}
      />
    </section>
  );
}

interface DeedsProps {
  journeyId: string;
  rows: StandingRun[];
  onDone: () => Promise<void>;
}

function Deeds({ journeyId, rows, onDone }: DeedsProps) {
  const { t, language } = useWords();
  const { modal } = App.useApp();
  const { busy, run } = useDeed(onDone);
  const n = count(rows.length, language);
  const end = (): void => {
    modal.confirm({
      title: t('journey_askEnd', { n }),
      content: t('journey_sureEnd'),
      okText: t('journey_end'),
      okButtonProps: { danger: true },
      autoFocusButton: 'cancel',
      cancelText: t('back'),
      onOk: () => run(() => journeys.end(journeyId, rows), t('journey_didEnd', { n })),
    });
  };
  return (
    <div className="page-actions">
      <Button
        type="primary"
        loading={busy}
        disabled={rows.length === 0}
        onClick={() => void run(() => journeys.retry(journeyId, rows), t('journey_didRetry', { n }))}
      >
        {t('journey_retry', { n })}
      </Button>
      <Button danger loading={busy} disabled={rows.length === 0} onClick={end}>
        {t('journey_endN', { n })}
      </Button>
    </div>
  );
}

function useColumns(): TableColumnsType<StandingRun> {
  const { t, language } = useWords();
  return [
    {
      title: t('journey_client'),
      render: (_, one) => (
        <>
          {one.name || '—'} <span className="quiet">{one.client_no}</span>
        </>
      ),
    },
    { title: t('journey_step'), dataIndex: 'step' },
    { title: t('journey_trouble'), dataIndex: 'trouble' },
    { title: t('journey_entered'), render: (_, one) => shortMoment(one.entered_at, language) },
    { title: t('journey_triedAgain'), render: (_, one) => shortMoment(one.tried_again_at, language) },
  ];
}
