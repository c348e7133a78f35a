import { Empty, Progress, Segmented, Tabs } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { notices, type Coverage, type Notice } from '../api/notice.ts';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { NoticeDrawer } from './NoticeDrawer.tsx';
import { NoticeTable } from './NoticeTable.tsx';
import { byTimeLeft } from './notice.ts';
import { UrgencyTable } from './UrgencyTable.tsx';

const LOOK_EVERY_MS = 5_000;
const DAY_MS = 86_400_000;
const SPANS = [1, 7, 30] as const;

interface Seen {
  rows: Notice[];
  coverage: Coverage;
}

/** The room of reach: who does not know yet of what they must know, and by which ladder they are told. */
export function CoveragePage() {
  const { t } = useWords();
  const { tab = 'live', noticeId = null } = useParams();
  const go = useNavigate();
  const [days, setDays] = useState<number>(1);
  const load = useCallback(async (): Promise<Seen> => {
    const since = new Date(Date.now() - days * DAY_MS).toISOString();
    const [rows, coverage] = await Promise.all([notices.live('critical'), notices.coverage('critical', since)]);
    return { rows: byTimeLeft(rows), coverage };
  }, [days]);
  const source = useLoad(load, LOOK_EVERY_MS);
  const missing = source.data?.coverage.not_reached ?? 0;
  const items = [
    { key: 'live', label: t('reach_live') },
    { key: 'urgency', label: t('urgency') },
  ];
  return (
    <Page title={t('reachRoom')} lead={t('reachRoom_lead')} source={source}>
      {(data) => (
        <>
          <Tabs activeKey={tab} items={items} onChange={(key) => void go(`/reach/${key}`)} />
          {tab === 'urgency' ? (
            <UrgencyTable />
          ) : (
            <>
              <Headline coverage={data.coverage} days={days} onDays={setDays} />
              {data.rows.length === 0 ? (
                <Empty
                  className="nothing"
                  image={Empty.PRESENTED_IMAGE_SIMPLE}
                  description={missing ? t('reach_noneLive') : t('reach_none')}
                />
              ) : (
                <NoticeTable rows={data.rows} onOpen={(id) => void go(`/reach/live/${id}`)} />
              )}
              <NoticeDrawer id={noticeId} onClose={() => void go('/reach/live')} onChanged={source.reload} />
            </>
          )}
        </>
      )}
    </Page>
  );
}

function Headline({ coverage, days, onDays }: { coverage: Coverage; days: number; onDays: (days: number) => void }) {
  const { t } = useWords();
  const { total, reached, not_reached: missing } = coverage;
  useEffect(() => {
    if (missing > 0) document.title = `(${missing}) ${t('reachRoom')} · ${t('product')}`;
  }, [missing, t]);
  const options = SPANS.map((value) => ({ value, label: t('reach_days', { n: value }) }));
  return (
    <div className="sheet headline">
      <div>
        <strong className={missing ? 'bad' : 'good'} role="status">
          {total === 0
            ? t('reach_noNotices')
            : missing
              ? t('reach_missing', { total, missing })
              : t('reach_all', { total })}
        </strong>
        {total > 0 && (
          <Progress
            percent={Math.floor((reached / total) * 1000) / 10}
            status={missing ? 'active' : 'success'}
            aria-label={t('reach_share')}
          />
        )}
      </div>
      <Segmented options={options} value={days} onChange={onDays} />
    </div>
  );
}
