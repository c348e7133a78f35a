import { Empty, Table, Tag } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { contents, type ContentEntry } from '../api/content.ts';
import { may, useSession } from '../session/session.tsx';
import { AddButton } from '../shell/AddButton.tsx';
import { Page } from '../shell/Page.tsx';
import { SearchBox } from '../shell/SearchBox.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';

const COLOURS: Readonly<Record<string, string>> = { approved: 'success', review: 'warning' };

/** The room of contents: the newest version of each. */
export function ContentList() {
  const { t, say, language } = useWords();
  const { person } = useSession();
  const source = useLoad(contents.newest);
  const [search, setSearch] = useState('');
  const mayWrite = may(person, 'campaign');
  return (
    <Page
      title={t('contents')}
      lead={t('contents_lead')}
      source={source}
      actions={<AddButton to="/contents/new" words={t('content_new')} isAllowed={mayWrite} />}
    >
      {(rows) => (
        <>
          <SearchBox hint={t('campaign_search')} onSearch={setSearch} />
          <Table<ContentEntry>
            rowKey="id"
            size="middle"
            scroll={{ x: 860 }}
            pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
            dataSource={rows.filter((one) => one.title.includes(search) || one.key.includes(search))}
            locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('contents_none')} /> }}
            columns={[
              {
                title: t('content_title'),
                render: (_, one) => (
                  <>
                    <Link to={`/contents/${one.id}`} data-content={one.key}>
                      {one.title}
                    </Link>
                    <p className="quiet small">
                      <code>{one.key}</code> {t('content_version', { n: one.version })}
                      {one.is_shipped && ` · ${t('content_shipped')}`}
                    </p>
                  </>
                ),
              },
              { title: t('content_category'), width: 110, render: (_, one) => say('category', one.category) },
              { title: t('campaign_state'), width: 120, render: (_, one) => <ContentState state={one.state} /> },
              {
                title: t('menu_channels'),
                width: 230,
                render: (_, one) => one.channels.map((channel) => say('channel', channel)).join(t('comma')),
              },
              {
                title: t('content_minRiskLabel'),
                width: 130,
                render: (_, one) =>
                  one.min_risk ? t('content_minRisk', { level: one.min_risk }) : t('content_anyRisk'),
              },
              {
                title: t('campaign_when'),
                width: 140,
                render: (_, one) => shortMoment(one.approved_at ?? one.created_at, language),
              },
            ]}
          />
        </>
      )}
    </Page>
  );
}

export function ContentState({ state }: { state: string }) {
  const { say } = useWords();
  return <Tag color={COLOURS[state] ?? 'default'}>{say('content_is', state)}</Tag>;
}
