import { Alert, Skeleton, Table, type TableColumnsType } from 'antd';
import { useCallback } from 'react';
import { campaigns, type Cell } from '../api/campaign.ts';
import { useLoad } from '../shell/useLoad.ts';
import { count, money, share } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { rowsOf, sumOf, type CellRow } from './cell.ts';

const LOOK_EVERY_MS = 15_000;
const LAYERS = ['sent', 'delivered', 'read', 'clicked'] as const;
const SHARED = ['delivered', 'read', 'clicked', 'replied', 'unsubscribed'] as const;

/** What came of each arm on each channel, as a table with a picture in every row. */
export function Breakdown({ campaignId, isLive }: { campaignId: string; isLive: boolean }) {
  const { t, explain } = useWords();
  const { data, error } = useLoad(
    useCallback(() => campaigns.breakdown(campaignId), [campaignId]),
    isLive ? LOOK_EVERY_MS : 0,
  );
  if (data?.length === 0) return null;
  return (
    <section className="sheet" aria-label={t('campaign_breakdown')}>
      <h2>
        {t('campaign_breakdown')} <small className="quiet">{t('campaign_breakdownHint')}</small>
      </h2>
      {error !== null && <Alert type="warning" showIcon title={explain(error)} />}
      {data === null && error === null && <Skeleton active paragraph={{ rows: 3 }} />}
      {data && <Cells cells={data} />}
    </section>
  );
}

function Cells({ cells }: { cells: Cell[] }) {
  const { t, say, language } = useWords();
  const most = Math.max(...cells.map((one) => one.planned), 1);
  const total = sumOf(cells);
  const shared = (name: (typeof SHARED)[number] | 'converted') => ({
    title: t(`figure_${name}`),
    align: 'right' as const,
    render: (_: unknown, one: CellRow) => <Shared n={one[name] ?? 0} of={one.sent} />,
  });
  const plain = (name: 'planned' | 'held' | 'sent', title: string) => ({
    title,
    align: 'right' as const,
    render: (_: unknown, one: CellRow) => count(one[name], language),
  });
  const columns: TableColumnsType<CellRow> = [
    {
      title: t('campaign_arm'),
      onCell: (one) => ({ rowSpan: one.span }),
      render: (_, one) => <strong>{one.arm.toUpperCase()}</strong>,
    },
    { title: t('menu_channels'), render: (_, one) => one.channel && say('channel', one.channel) },
    {
      title: t('campaign_chart'),
      width: 170,
      render: (_, one) => <Picture cell={one} most={most} />,
    },
    plain('planned', t('campaign_meantOnes')),
    plain('held', t('figure_held')),
    plain('sent', t('figure_sent')),
    ...SHARED.map(shared),
    ...(total.converted === null ? [] : [shared('converted')]),
    {
      title: t('figure_cost'),
      align: 'right',
      render: (_, one) => (one.cost === null ? '—' : money(one.cost, language)),
    },
  ];
  const rows = rowsOf(cells);
  const whole: CellRow = { ...total, arm: t('campaign_total'), channel: '', key: 'total', span: 1 };
  return (
    <Table<CellRow>
      size="small"
      rowKey="key"
      className="breakdown"
      pagination={false}
      scroll={{ x: 'max-content' }}
      columns={columns}
      dataSource={cells.length > 1 ? [...rows, whole] : rows}
      rowClassName={(one) => (one.key === 'total' ? 'whole-row' : '')}
    />
  );
}

function Shared({ n, of }: { n: number; of: number }) {
  const { language } = useWords();
  return (
    <>
      {count(n, language)} <small className="quiet">{share(n, of)}</small>
    </>
  );
}

/** Bars one inside the other, all of one scale: who was meant, was sent to, got it, read it and followed a link. */
function Picture({ cell, most }: { cell: CellRow; most: number }) {
  const { t, language } = useWords();
  if (cell.key === 'total') return null;
  const n = (name: 'planned' | (typeof LAYERS)[number]): string => count(cell[name], language);
  const said = t('campaign_chartOf', {
    planned: n('planned'),
    sent: n('sent'),
    delivered: n('delivered'),
    read: n('read'),
    clicked: n('clicked'),
  });
  const width = (part: number): string => `${Math.min(100, (part / most) * 100)}%`;
  return (
    <span className="funnel" role="img" aria-label={said} title={said}>
      <i className="planned" style={{ width: width(cell.planned) }} />
      {LAYERS.map((name) => (
        <i key={name} className={name} style={{ width: width(cell[name]) }} />
      ))}
    </span>
  );
}
