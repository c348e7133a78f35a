import { Badge, Button, Empty, Segmented, Skeleton } from 'antd';
import { useEffect, useRef } from 'react';
import type { TicketRow, View } from '../api/types.ts';
import { Failure } from '../shell/Failure.tsx';
import { useWords } from '../words/words.tsx';
import { TicketLine } from './TicketLine.tsx';
import { useNow } from './useNow.ts';
import type { TicketListHandle } from './useTicketList.ts';

export const VIEWS: readonly View[] = ['queue', 'mine', 'all', 'resolved'];

interface Props {
  view: View;
  selected: string | null;
  handle: TicketListHandle;
  onView: (view: View) => void;
  onSelect: (row: TicketRow) => void;
}

/** The left pane: the views with their counts, and the tickets of the one that is open. */
export function TicketList({ view, selected, handle, onView, onSelect }: Props) {
  const { t } = useWords();
  const { list, loading, error } = handle;
  const now = useNow();
  const box = useRef<HTMLUListElement>(null);
  useEffect(() => {
    box.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const counts: Partial<Record<View, number>> = list.counts ?? {};
  const options = VIEWS.map((value) => ({
    value,
    label: (
      <span className="view">
        {t(`view_${value}`)}
        {counts[value] ? (
          <Badge
            count={counts[value]}
            size="small"
            overflowCount={999}
            color={value === 'queue' ? 'var(--bad)' : 'var(--quiet)'}
          />
        ) : null}
      </span>
    ),
  }));
  return (
    <section className="pane tickets" aria-label={t('list')}>
      <div className="views">
        <Segmented block options={options} value={view} onChange={onView} />
      </div>
      {error !== null && <Failure error={error} retry={handle.reload} />}
      {error === null && loading && list.rows.length === 0 && (
        <div className="pad">
          <Skeleton active />
          <Skeleton active />
        </div>
      )}
      {error === null && !loading && list.rows.length === 0 && <Nothing view={view} />}
      <ul className="lines" ref={box}>
        {list.rows.map((row) => (
          <li key={row.id}>
            <TicketLine row={row} selected={row.id === selected} now={now} onSelect={onSelect} />
          </li>
        ))}
        {list.more && (
          <li className="more">
            <Button type="link" onClick={handle.loadMore}>
              {t('more')}
            </Button>
          </li>
        )}
      </ul>
    </section>
  );
}

function Nothing({ view }: { view: View }) {
  const { t } = useWords();
  return (
    <Empty
      className="nothing"
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <strong>{t(`empty_${view}`)}</strong>
          <br />
          {t(`empty_${view}More`)}
        </>
      }
    />
  );
}
