import { useCallback, useEffect, useRef, useState } from 'react';
import { tasks, TASKS_PAGE, type Task, type TaskPage, type TaskView } from '../api/task.ts';
import { useSession } from '../session/session.tsx';

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

/** The tasks of a view: read again when one of them moved, and after every reconnect. */
export function useTasks(view: TaskView): TasksHandle {
  const { live } = useSession();
  const [state, setState] = useState<{ view: TaskView; page: TaskPage | null; more: boolean; error: unknown }>({
    view,
    page: null,
    more: false,
    error: null,
  });
  const asked = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++asked.current;
    try {
      const page = await tasks.list(view);
      if (mine === asked.current) setState({ view, page, more: page.tasks.length === TASKS_PAGE, error: null });
    } catch (error) {
      if (mine === asked.current) setState((before) => ({ ...before, view, error }));
    }
  }, [view]);
  useEffect(() => void reload(), [reload]);
  useEffect(() => live.onOnline(() => void reload()), [live, reload]);
  // A task falls due without a word of the socket.
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload();
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  useNews(reload);
  const rows = state.page?.tasks;
  const loadMore = useCallback(async () => {
    const last = rows?.at(-1);
    if (!last) return;
    const next = await tasks.list(view, last.id);
    setState((before) => ({
      ...before,
      page: before.page && { ...next, tasks: [...before.page.tasks, ...next.tasks] },
      more: next.tasks.length === TASKS_PAGE,
    }));
  }, [rows, view]);
  const isCurrent = state.view === view;
  return {
    page: isCurrent ? state.page : null,
    more: isCurrent && state.more,
    error: isCurrent ? state.error : null,
    reload,
    loadMore,
  };
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
  const reload = useCallback(async () => {
    if (!id) return;
    try {
      setTask(await tasks.get(id));
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  }, [id]);
  useEffect(() => {
    setError(null);
    void reload();
  }, [reload]);
  useNews(reload);
  return { task: task?.id === id ? task : null, error, reload, moved: setTask };
}
