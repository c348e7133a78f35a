import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { tasks, TASKS_PAGE, type Task, type TaskPage, type TaskView } from '../api/task.ts';
import { useSession } from '../session/session.tsx';
import { useLoad } from '../shell/useLoad.ts';

export interface TasksHandle {
  page: TaskPage | null;
  /** Whether there are more than are shown. */
  more: boolean;
  error: unknown;
  reload: () => Promise<void>;
  loadMore: () => Promise<void>;
}

const SETTLE_MS = 300;
const LOOK_EVERY_MS = 15_000;

interface Later {
  /** The first page that they were asked for after: read anew, it takes them away. */
  first: TaskPage | null;
  tasks: Task[];
  more: boolean;
}

/** The tasks of a view: read again when one of them moved, and after every reconnect. */
export function useTasks(view: TaskView): TasksHandle {
  const { live } = useSession();
  const load = useCallback(() => tasks.list(view), [view]);
  // A task falls due without a word of the socket.
  const { data: first, error, reload } = useLoad(load, LOOK_EVERY_MS);
  useEffect(() => live.onOnline(() => void reload()), [live, reload]);
  useNews(reload);
  const [asked, setAsked] = useState<Later | null>(null);
  const later = asked?.first === first ? asked : null;
  const page = useMemo(() => first && { ...first, tasks: [...first.tasks, ...(later?.tasks ?? [])] }, [first, later]);
  const loadMore = useCallback(async () => {
    const last = page?.tasks.at(-1);
    if (!last) return;
    const next = await tasks.list(view, last.id);
    setAsked({
      first,
      tasks: [...(later?.tasks ?? []), ...next.tasks],
      more: next.tasks.length === TASKS_PAGE,
    });
  }, [page, first, later, view]);
  const more = later?.more ?? first?.tasks.length === TASKS_PAGE;
  return { page, more, error, reload, loadMore };
}

/** Look again, a moment after the socket has said that some task changed. */
function useNews(reload: () => Promise<void>): void {
  const { live } = useSession();
  useEffect(() => {
    let settling: ReturnType<typeof setTimeout> | undefined;
    const stop = live.onFrame((frame) => {
      if (frame.type !== 'task') return;
      clearTimeout(settling);
      settling = setTimeout(() => void reload(), SETTLE_MS);
    });
    return () => {
      clearTimeout(settling);
      stop();
    };
  }, [live, reload]);
}

export interface TaskHandle {
  task: Task | null;
  error: unknown;
  reload: () => Promise<void>;
  moved: (task: Task) => void;
}

/** The task on the screen; follows the live socket. */
export function useTask(id: string | null): TaskHandle {
  const [task, setTask] = useState<Task | null>(null);
  const [error, setError] = useState<unknown>(null);
  const shown = useRef(id);
  shown.current = id;
  const reload = useCallback(async () => {
    if (!id) return;
    try {
      const found = await tasks.get(id);
      if (shown.current !== id) return;
      setTask(found);
      setError(null);
    } catch (problem) {
      if (shown.current === id) setError(problem);
    }
  }, [id]);
  const moved = useCallback((task: Task) => {
    if (shown.current === task.id) setTask(task);
  }, []);
  useEffect(() => {
    setError(null);
    void reload();
  }, [reload]);
  useNews(reload);
  return { task: task?.id === id ? task : null, error, reload, moved };
}
