import { Alert, Skeleton } from 'antd';
import { useEffect, type ReactNode } from 'react';
import { useWords } from '../words/words.tsx';
import { Failure } from './Failure.tsx';
import type { Loaded } from './useLoad.ts';

interface Props<Body> {
  title: string;
  /** One sentence that says what the room is for. */
  lead?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  source: Loaded<Body>;
  children: (data: Body) => ReactNode;
}

/** A room of one page: its title, what to do, and its content once it is there, or why it is not. */
export function Page<Body>({ title, lead, actions, source, children }: Props<Body>) {
  const { t, explain } = useWords();
  useEffect(() => {
    document.title = `${title} · ${t('product')}`;
  }, [title, t]);
  const { data, error, reload } = source;
  return (
    <main className="page">
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead && <p className="quiet">{lead}</p>}
        </div>
        {actions}
      </header>
      {error !== null && data === null && <Failure error={error} retry={() => void reload()} />}
      {error !== null && data !== null && <Alert banner type="warning" title={t('stale', { why: explain(error) })} />}
      {error === null && data === null && <Skeleton active paragraph={{ rows: 10 }} />}
      {data !== null && children(data)}
    </main>
  );
}
