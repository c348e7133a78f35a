/** Tasks: what a person does for a client, a call or a visit, and how it ended. */
import { get, post } from './http.ts';

export type TaskView = 'open' | 'late' | 'ended';

export interface Task {
  id: string;
  kind: string;
  title: string;
  detail: string;
  priority: string;
  state: 'open' | 'done' | 'cancelled';
  outcome: string | null;
  outcome_zh: string | null;
  outcome_en: string | null;
  client: { id: string; name: string | null };
  manager: string | null;
  assignee: { id: string; name: string | null } | null;
  notice_id: string | null;
  due_at: string | null;
  created_at: string;
  ended_at: string | null;
}

export interface TaskPage {
  tasks: Task[];
  counts: { open: number; late: number };
}

export const TASKS_PAGE = 50;

const PATH = '/v1/tasks';

export const tasks = {
  list: (view: TaskView, after?: string) =>
    get<TaskPage>(`${PATH}?${new URLSearchParams({ view, limit: String(TASKS_PAGE), ...(after ? { after } : {}) })}`),
  get: (id: string) => get<Task>(`${PATH}/${id}`),
  take: (id: string) => post<Task>(`${PATH}/${id}/take`),
  done: (id: string, outcome: string) => post<Task>(`${PATH}/${id}/done`, { outcome }),
  cancel: (id: string, why: string) => post<Task>(`${PATH}/${id}/cancel`, { why }),
};

/** How a task may end, as the service knows it. */
export const OUTCOMES = ['reached', 'no_answer', 'wrong_number', 'refused', 'done'] as const;
