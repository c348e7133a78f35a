import { Badge, Button, Drawer, Empty, Grid, Segmented, Skeleton } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import type { Task, TaskView } from '../api/task.ts';
import { Failure } from '../shell/Failure.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useWords } from '../words/words.tsx';
import { ClientCard } from '../workspace/ClientCard.tsx';
import { neighbour } from '../workspace/ticketlist.ts';
import { useNow } from '../workspace/useNow.ts';
import { TaskDetail } from './TaskDetail.tsx';
import { TaskLine } from './TaskLine.tsx';
import { useTask, useTasks, type TasksHandle } from './useTasks.ts';

const VIEWS: readonly TaskView[] = ['open', 'late', 'ended'];

/** The room of tasks: what is to be done, the one that is open, and whom it is for. */
export function TaskRoom() {
  const { view = 'open', taskId = null } = useParams();
  if (!VIEWS.includes(view as TaskView)) return <Navigate to="/tasks/open" replace />;
  return <Panes view={view as TaskView} taskId={taskId} />;
}

function Panes({ view, taskId }: { view: TaskView; taskId: string | null }) {
  const { t } = useWords();
  const go = useNavigate();
  const list = useTasks(view);
  const handle = useTask(taskId);
  const [cardOpen, setCardOpen] = useState(false);
  const wide = Grid.useBreakpoint().xl ?? true;
  const { task } = handle;
  const rows = list.page?.tasks ?? [];
  const at = useRef(taskId);
  useEffect(() => {
    at.current = taskId;
  }, [taskId]);
  const step = (by: 1 | -1): void => {
    const row = neighbour(rows, at.current, by);
    if (!row) return;
    at.current = row.id;
    void go(`/tasks/${view}/${row.id}`);
  };
  const show = (next: TaskView): void => void go(`/tasks/${next}`);
  useShortcuts({
    next: () => step(1),
    previous: () => step(-1),
    view1: () => show('open'),
    view2: () => show('late'),
    view3: () => show('ended'),
  });
  const late = list.page?.counts.late ?? 0;
  useEffect(() => {
    document.title = `${late > 0 ? `(${late}) ` : ''}${t('tasks')} · ${t('product')}`;
  }, [late, t]);
  const card = task && <ClientCard key={task.id} clientId={task.client.id} />;
  return (
    <main className={taskId ? 'workspace picked' : 'workspace'}>
      <List
        view={view}
        selected={taskId}
        handle={list}
        onView={show}
        onSelect={(one) => void go(`/tasks/${view}/${one.id}`)}
      />
      {task ? (
        <TaskDetail
          key={task.id}
          task={task}
          handle={handle}
          onBack={() => void go(`/tasks/${view}`)}
          onCard={wide ? null : () => setCardOpen(true)}
        />
      ) : (
        <section className="pane talk empty">
          {handle.error !== null && taskId && <Failure error={handle.error} retry={() => void handle.reload()} />}
          {!taskId && rows.length > 0 && (
            <Empty
              image={Empty.PRESENTED_IMAGE_SIMPLE}
              description={<Two first={t('task_pick')} second={t('pickMore')} />}
            />
          )}
        </section>
      )}
      {wide && taskId && <aside className="pane client">{card}</aside>}
      {!wide && (
        <Drawer open={cardOpen} onClose={() => setCardOpen(false)} size={340} title={null}>
          {card}
        </Drawer>
      )}
    </main>
  );
}

interface ListProps {
  view: TaskView;
  selected: string | null;
  handle: TasksHandle;
  onView: (view: TaskView) => void;
  onSelect: (task: Task) => void;
}

function List({ view, selected, handle, onView, onSelect }: ListProps) {
  const { t } = useWords();
  const { page, error } = handle;
  const now = useNow();
  const counts: Partial<Record<TaskView, number>> = page?.counts ?? {};
  const options = VIEWS.map((value) => ({
    value,
    label: (
      <span className="view">
        {t(`task_view_${value}`)}
        {counts[value] ? (
          <Badge
            count={counts[value]}
            size="small"
            overflowCount={999}
            color={value === 'late' ? 'var(--bad)' : 'var(--quiet)'}
          />
        ) : null}
      </span>
    ),
  }));
  return (
    <section className="pane tickets" aria-label={t('task_list')}>
      <div className="views">
        <Segmented block options={options} value={view} onChange={onView} />
      </div>
      {error !== null && !page && <Failure error={error} retry={() => void handle.reload()} />}
      {error === null && !page && (
        <div className="pad">
          <Skeleton active />
          <Skeleton active />
        </div>
      )}
      {page && page.tasks.length === 0 && (
        <Empty
          className="nothing"
          image={Empty.PRESENTED_IMAGE_SIMPLE}
          description={<Two first={t(`task_empty_${view}`)} second={t(`task_empty_${view}More`)} />}
        />
      )}
      <ul className="lines">
        {page?.tasks.map((task) => (
          <li key={task.id}>
            <TaskLine task={task} selected={task.id === selected} now={now} onSelect={onSelect} />
          </li>
        ))}
        {handle.more && (
          <li className="more">
            <Button type="link" onClick={() => void handle.loadMore()}>
              {t('more')}
            </Button>
          </li>
        )}
      </ul>
    </section>
  );
}

function Two({ first, second }: { first: string; second: string }) {
  return (
    <>
      <strong>{first}</strong>
      <br />
      {second}
    </>
  );
}
