import { Button, Drawer, Empty, Skeleton, Table, type TableColumnsType } from 'antd';
import { useCallback, useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { PAGE, webhooks, type Untold, type Webhook, type WebhookKind } from '../api/webhook.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Failure } from '../shell/Failure.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';

interface Props {
  /** The webhook that was not told; null where the drawer is shut. */
  one: Webhook | null;
  kinds: WebhookKind[];
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** What a system was not told within a day, and why; it can be told again. */
export function UntoldDrawer({ one, kinds, onClose, onDone }: Props) {
  const { t } = useWords();
  return (
    <Drawer open={one !== null} title={t('hook_untoldTitle')} size={720} destroyOnHidden onClose={onClose}>
      {one && <List one={one} kinds={kinds} onDone={onDone} />}
    </Drawer>
  );
}

interface ListProps {
  one: Webhook;
  kinds: WebhookKind[];
  onDone: () => Promise<void>;
}

function List({ one, kinds, onDone }: ListProps) {
  const { t, language } = useWords();
  const [pages, setPages] = useState<string[]>([]);
  const after = pages.at(-1);
  const source = useLoad(useCallback(() => webhooks.failures(one.id, after), [one.id, after]));
  const [chosen, setChosen] = useState<string[]>([]);
  const { busy, run } = useDeed(async () => {
    setChosen([]);
    setPages([]);
    await Promise.all([source.reload(), onDone()]);
  });
  const replay = (ids: readonly string[] | null): void => {
    let n = 0;
    void run(
      async () => (n = await webhooks.replay(one.id, ids)),
      () => t('hook_replayed', { n: count(n, language) }),
    );
  };
  const columns = useColumns(kinds);
  const { data, error, reload } = source;
  if (error !== null && data === null) return <Failure error={error} retry={() => void reload()} />;
  if (data === null) return <Skeleton active />;
  return (
    <div className="stack">
      <p className="quiet">{t('hook_untoldLead')}</p>
      <div className="page-actions">
        <Button type="primary" loading={busy} disabled={data.length === 0} onClick={() => replay(null)}>
          {t('hook_replayAll')}
        </Button>
        <Button loading={busy} disabled={chosen.length === 0} onClick={() => replay(chosen)}>
          {t('hook_replayChosen', { n: chosen.length })}
        </Button>
      </div>
      <Table<Untold>
        size="small"
        rowKey="id"
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={columns}
        dataSource={data}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('hook_untoldNone')} /> }}
        rowSelection={{
          selectedRowKeys: chosen,
          onChange: (keys) => setChosen(keys.map(String)),
          getCheckboxProps: (each) => ({ 'aria-label': each.id }),
        }}
      />
      <div className="page-actions">
        {pages.length > 0 && <Button onClick={() => setPages(pages.slice(0, -1))}>{t('kept_newer')}</Button>}
        {data.length === PAGE && (
          <Button onClick={() => setPages([...pages, data.at(-1)?.id ?? ''])}>{t('kept_older')}</Button>
        )}
      </div>
    </div>
  );
}

function useColumns(kinds: WebhookKind[]): TableColumnsType<Untold> {
  const { t, language } = useWords();
  return [
    {
      title: t('hook_at'),
      render: (_, each) => <time dateTime={each.created_at}>{shortMoment(each.created_at, language)}</time>,
    },
    {
      title: t('hook_what'),
      render: (_, each) => kinds.find(({ name }) => name === each.kind)?.[language] ?? each.kind,
    },
    { title: t('hook_why'), render: (_, each) => each.error?.[language] ?? '—' },
    { title: t('hook_tries'), align: 'right', dataIndex: 'attempts' },
  ];
}
