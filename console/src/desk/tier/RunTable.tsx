import { Button, Empty, Table, Tag, type TableColumnsType } from 'antd';
import { shortMoment } from '../../shared/moment.ts';
import type { TierRun } from '../api/tier.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { tookOf } from './label.ts';
import { standOf } from './rules.ts';

const COLOURS: Readonly<Record<string, string>> = { running: 'processing', done: 'success', failed: 'warning' };

interface Props {
  runs: TierRun[];
  now: number;
  shownId: string | null;
  onLook: (id: string) => void;
}

/** The last computations; one that ended can be looked at above. */
export function RunTable({ runs, now, shownId, onLook }: Props) {
  const words = useWords();
  const { t, say, language } = words;
  const columns: TableColumnsType<TierRun> = [
    { title: t('tier_run_at'), width: 150, render: (_, one) => shortMoment(one.at, language) },
    { title: t('tier_run_by'), render: (_, one) => one.person ?? t('tier_night') },
    {
      title: t('tier_run_version'),
      width: 120,
      render: (_, one) => (one.version === 0 ? t('tier_shipped') : t('tier_version', { n: one.version })),
    },
    {
      title: t('tier_run_clients'),
      width: 110,
      align: 'right',
      render: (_, one) => (one.clients === null ? '—' : count(one.clients, language)),
    },
    {
      title: t('tier_run_changed'),
      width: 110,
      align: 'right',
      render: (_, one) => (one.changed === null ? '—' : count(one.changed, language)),
    },
    {
      title: t('tier_run_state'),
      width: 190,
      render: (_, one) => {
        const stand = standOf(one, now);
        return (
          <>
            <Tag color={COLOURS[stand] ?? 'default'}>{say('tier_state', stand)}</Tag>
            {stand === 'done' && <small className="quiet">{tookOf(one, words)}</small>}
          </>
        );
      },
    },
    {
      title: '',
      width: 110,
      render: (_, one) =>
        one.state === 'done' && (
          <Button type="link" className="cell-link" disabled={one.id === shownId} onClick={() => onLook(one.id)}>
            {one.id === shownId ? t('tier_run_looking') : t('tier_run_look')}
          </Button>
        ),
    },
  ];
  return (
    <Table
      rowKey="id"
      size="middle"
      columns={columns}
      dataSource={runs}
      pagination={false}
      scroll={{ x: 860 }}
      locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('tier_never')} /> }}
    />
  );
}
