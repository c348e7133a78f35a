import { Empty, Progress, Segmented, Table, Tag, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { campaigns, type Campaign } from '../api/campaign.ts';
import { may, useSession } from '../session/session.tsx';
import { AddButton } from '../shell/AddButton.tsx';
import { Page } from '../shell/Page.tsx';
import { SearchBox } from '../shell/SearchBox.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { isUnderWay, PHASES, phaseOf, type Phase } from './campaign.ts';

const LOOK_EVERY_MS = 5_000;

/** The room of campaigns: all of them, what waits for whom, and how those under way stand. */
export function CampaignList() {
  const { t } = useWords();
  const { person } = useSession();
  const source = useLoad(campaigns.list, LOOK_EVERY_MS);
  const [phase, setPhase] = useState<Phase>('all');
  const [search, setSearch] = useState('');
  return (
    <Page
      title={t('campaigns')}
      lead={t('campaigns_lead')}
      source={source}
      actions={<AddButton to="/campaigns/new" words={t('campaign_new')} isAllowed={may(person, 'campaign')} />}
    >
      {(rows) => (
        <>
          <SearchBox hint={t('campaign_search')} onSearch={setSearch}>
            <Segmented
              value={phase}
              options={PHASES.map((value) => ({ value, label: t(`campaign_phase_${value}`) }))}
              onChange={setPhase}
            />
          </SearchBox>
          <Rows
            rows={rows.filter((one) => (phase === 'all' || phaseOf(one.state) === phase) && one.name.includes(search))}
            isNone={rows.length === 0}
          />
        </>
      )}
    </Page>
  );
}

function Rows({ rows, isNone }: { rows: Campaign[]; isNone: boolean }) {
  const { t, say, language } = useWords();
  const columns: TableColumnsType<Campaign> = [
    {
      title: t('campaign_name'),
      render: (_, one) => (
        <>
          <Link to={`/campaigns/${one.id}`} data-campaign={one.name}>
            {one.name}
          </Link>
          <p className="quiet clamp small">{one.audience[language]}</p>
        </>
      ),
    },
    {
      title: t('campaign_state'),
      width: 120,
      render: (_, one) => (
        <>
          <CampaignState state={one.state} />
          {one.why && <p className="quiet small">{one.why[language]}</p>}
        </>
      ),
    },
    {
      title: t('campaign_content'),
      width: 210,
      render: (_, one) => (
        <>
          {one.content.title}
          <p className="quiet small">{one.channels.map((channel) => say('channel', channel)).join(t('comma'))}</p>
        </>
      ),
    },
    {
      title: t('campaign_planned'),
      width: 140,
      align: 'right',
      render: (_, one) =>
        one.planned > 0 || isUnderWay(one.state) ? t('people', { n: count(one.planned, language) }) : '—',
    },
    { title: t('campaign_author'), width: 130, render: (_, one) => <People one={one} /> },
    {
      title: t('campaign_when'),
      width: 160,
      render: (_, one) => {
        const at = one.started_at ?? one.starts_at ?? one.created_at;
        return <time dateTime={at}>{shortMoment(at, language)}</time>;
      },
    },
  ];
  return (
    <Table
      rowKey="id"
      columns={columns}
      dataSource={rows}
      size="middle"
      scroll={{ x: 960 }}
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      locale={{
        emptyText: (
          <Empty
            image={Empty.PRESENTED_IMAGE_SIMPLE}
            description={isNone ? t('campaigns_none') : t('campaigns_noneHere')}
          />
        ),
      }}
    />
  );
}

function People({ one }: { one: Campaign }) {
  const { t } = useWords();
  return (
    <>
      {one.author ?? '—'}
      {one.approver && <p className="quiet small">{t('campaign_approvedBy', { name: one.approver })}</p>}
    </>
  );
}

const COLOURS: Readonly<Record<string, string>> = {
  review: 'warning',
  approved: 'cyan',
  scheduled: 'blue',
  running: 'processing',
  paused: 'warning',
  done: 'success',
};

export function CampaignState({ state }: { state: string }) {
  const { say } = useWords();
  return (
    <Tag color={COLOURS[state] ?? 'default'} data-testid="campaign-state">
      {say('campaign_is', state)}
    </Tag>
  );
}

/** How far a campaign under way has come. */
export function Progressed({ done, whole, active }: { done: number; whole: number; active: boolean }) {
  const { t } = useWords();
  const percent = whole > 0 ? Math.floor((done / whole) * 1000) / 10 : 0;
  return <Progress percent={percent} status={active ? 'active' : 'normal'} aria-label={t('campaign_progress')} />;
}
