import { Button, Table, Tag, type TableColumnsType } from 'antd';
import { shortMoment, span } from '../../shared/moment.ts';
import type { Notice } from '../api/notice.ts';
import { useWords } from '../words/words.tsx';
import { useNow } from '../workspace/useNow.ts';
import { money } from '../studio/figure.ts';

const SOON_MS = 15 * 60_000;

/** Everybody who does not know yet, the least time left first. */
export function NoticeTable({ rows, onOpen }: { rows: Notice[]; onOpen: (id: string) => void }) {
  const { t, say, language } = useWords();
  const now = useNow(5_000);
  const columns: TableColumnsType<Notice> = [
    {
      title: t('reach_left'),
      width: 140,
      render: (_, one) => <TimeLeft notice={one} now={now} />,
    },
    { title: t('client'), width: 110, render: (_, one) => one.client.name ?? '—' },
    {
      title: t('reach_what'),
      ellipsis: true,
      render: (_, one) => (
        <Button type="link" className="cell-link" onClick={() => onOpen(one.id)} data-notice={one.id}>
          {one.title ?? one.content_key ?? one.topic ?? say('category', one.category)}
        </Button>
      ),
    },
    {
      title: t('reach_exposure'),
      width: 150,
      align: 'right',
      render: (_, one) => (one.exposure > 0 ? money(one.exposure, language) : '—'),
    },
    { title: t('reach_state'), width: 130, render: (_, one) => <NoticeState notice={one} /> },
    {
      title: t('reach_next'),
      width: 170,
      render: (_, one) => (
        <span className="quiet">
          {one.next_rung === null || !one.next_at
            ? '—'
            : t('reach_nextAt', { n: one.next_rung + 1, at: shortMoment(one.next_at, language) })}
        </span>
      ),
    },
  ];
  return (
    <Table
      rowKey="id"
      size="middle"
      columns={columns}
      dataSource={rows}
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: 820 }}
    />
  );
}

/** How long there is to reach the client; late is said in words, not by colour alone. */
export function TimeLeft({ notice, now }: { notice: Notice; now: number }) {
  const { t, language } = useWords();
  if (!notice.reach_by) return <span className="quiet">{t('task_noDue')}</span>;
  const left = Date.parse(notice.reach_by) - now;
  if (left < 0) return <i className="left late">{t('overdue', { span: span(-left, language) })}</i>;
  return <i className={left < SOON_MS ? 'left soon' : 'left'}>{t('task_dueIn', { span: span(left, language) })}</i>;
}

const COLOURS: Readonly<Record<string, string>> = {
  open: 'default',
  in_progress: 'processing',
  unreached: 'error',
  escalated: 'warning',
  reached: 'success',
};

export function NoticeState({ notice }: { notice: Pick<Notice, 'state'> }) {
  const { say } = useWords();
  return <Tag color={COLOURS[notice.state] ?? 'default'}>{say('notice_state', notice.state)}</Tag>;
}
