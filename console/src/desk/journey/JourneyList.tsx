import { Empty, Table, Tag } from 'antd';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { journeys, type Journey } from '../api/journey.ts';
import { may, useSession } from '../session/session.tsx';
import { AddButton } from '../shell/AddButton.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';

const COLOURS: Readonly<Record<string, string>> = { active: 'success', review: 'warning' };

/** The room of journeys: every version that lives. */
export function JourneyList() {
  const { t, language } = useWords();
  const { person } = useSession();
  const source = useLoad(journeys.list);
  const mayWrite = may(person, 'journey');
  return (
    <Page
      title={t('journeys')}
      lead={t('journeys_lead')}
      source={source}
      actions={<AddButton to="/journeys/new" words={t('journey_new')} isAllowed={mayWrite} />}
    >
      {(rows) => (
        <Table<Journey>
          rowKey="id"
          size="middle"
          pagination={false}
          scroll={{ x: 640 }}
          dataSource={rows}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('journeys_none')} /> }}
          columns={[
            {
              title: t('journey'),
              render: (_, one) => (
                <Link to={`/journeys/${one.id}`} data-journey={one.key}>
                  {one.title}
                </Link>
              ),
            },
            { title: t('journey_key'), render: (_, one) => <code>{one.key}</code> },
            { title: t('journey_version'), width: 90, dataIndex: 'version' },
            { title: t('campaign_state'), width: 120, render: (_, one) => <JourneyState state={one.state} /> },
            {
              title: t('journey_since'),
              width: 170,
              render: (_, one) => shortMoment(one.activated_at ?? one.created_at, language),
            },
          ]}
        />
      )}
    </Page>
  );
}

export function JourneyState({ state }: { state: string }) {
  const { say } = useWords();
  return <Tag color={COLOURS[state] ?? 'default'}>{say('journey_is', state)}</Tag>;
}
