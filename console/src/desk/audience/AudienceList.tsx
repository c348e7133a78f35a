import { Button, Empty, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { audiences, type NamedAudience } from '../api/audience.ts';
import { may, useSession } from '../session/session.tsx';
import { AddButton } from '../shell/AddButton.tsx';
import { Page } from '../shell/Page.tsx';
import { SearchBox } from '../shell/SearchBox.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';

/** The room of named audiences: what each says, how many fit, who wrote it, and the way into a campaign. */
export function AudienceList() {
  const { t } = useWords();
  const { person } = useSession();
  const source = useLoad(audiences.list);
  const [search, setSearch] = useState('');
  const mayWrite = may(person, 'campaign');
  const fits = ({ name, sentence }: NamedAudience): boolean =>
    [name, sentence.zh, sentence.en].some((words) => words.includes(search));
  return (
    <Page
      title={t('audiences')}
      lead={t('audiences_lead')}
      source={source}
      actions={<AddButton to="/audiences/new" words={t('audience_new')} isAllowed={mayWrite} />}
    >
      {(rows) => (
        <>
          <SearchBox hint={t('audience_search')} onSearch={setSearch} />
          <Rows rows={rows.filter(fits)} isNone={rows.length === 0} mayWrite={mayWrite} />
        </>
      )}
    </Page>
  );
}

function Rows({ rows, isNone, mayWrite }: { rows: NamedAudience[]; isNone: boolean; mayWrite: boolean }) {
  const { t, language } = useWords();
  const columns: TableColumnsType<NamedAudience> = [
    {
      title: t('audience_name'),
      render: (_, one) => (
        <>
          <Link to={`/audiences/${one.id}`} data-audience={one.name}>
            {one.name}
          </Link>
          <p className="quiet clamp small">{one.sentence[language]}</p>
        </>
      ),
    },
    { title: t('audience_size'), width: 120, align: 'right', render: (_, one) => <Size one={one} /> },
    { title: t('audience_changedBy'), width: 120, render: (_, one) => one.author ?? '—' },
    {
      title: t('audience_changedAt'),
      width: 150,
      render: (_, one) => <time dateTime={one.changed_at}>{shortMoment(one.changed_at, language)}</time>,
    },
    ...(mayWrite
      ? [
          {
            title: '',
            width: 130,
            render: (_: unknown, one: NamedAudience) => (
              <Link to={`/campaigns/new?audience=${one.id}`}>{t('audience_use')}</Link>
            ),
          },
        ]
      : []),
  ];
  return (
    <Table
      rowKey="id"
      size="middle"
      columns={columns}
      dataSource={rows}
      scroll={{ x: 760 }}
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      locale={{
        emptyText: (
          <Empty
            image={Empty.PRESENTED_IMAGE_SIMPLE}
            description={isNone ? t('audiences_none') : t('audiences_noneHere')}
          />
        ),
      }}
    />
  );
}

/** How many fit: counting a million clients takes a moment, so it is done when somebody asks. */
function Size({ one }: { one: NamedAudience }) {
  const { explain, language, t } = useWords();
  const [state, setState] = useState<{ n: number | null; error: unknown; busy: boolean }>({
    n: null,
    error: null,
    busy: false,
  });
  const ask = (): void => {
    setState({ n: null, error: null, busy: true });
    audiences.count(one.expression, false).then(
      (counted) => setState({ n: counted.count, error: null, busy: false }),
      (error: unknown) => setState({ n: null, error, busy: false }),
    );
  };
  if (state.n !== null) return <strong>{count(state.n, language)}</strong>;
  return (
    <>
      <Button size="small" loading={state.busy} onClick={ask} aria-label={`${t('audience_sizeAsk')} ${one.name}`}>
        {t('audience_sizeAsk')}
      </Button>
      {state.error !== null && <p className="bad small">{explain(state.error)}</p>}
    </>
  );
}
