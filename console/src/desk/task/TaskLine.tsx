import { CalendarOutlined, FileTextOutlined, PhoneOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { shortMoment, span } from '../../shared/moment.ts';
import type { Task } from '../api/task.ts';
import { useWords } from '../words/words.tsx';
import { lateness } from '../workspace/lateness.ts';

const ICONS: Readonly<Record<string, ReactNode>> = { call: <PhoneOutlined />, visit: <CalendarOutlined /> };

interface Props {
  task: Task;
  selected: boolean;
  now: number;
  onSelect: (task: Task) => void;
}

/** A row of the list: for whom, what, how urgent, until when, with whom. */
export function TaskLine({ task, selected, now, onSelect }: Props) {
  const { t, say, language } = useWords();
  const urgent = task.priority === 'critical' || task.priority === 'high';
  return (
    <button
      type="button"
      className={selected ? 'line selected' : 'line'}
      aria-current={selected}
      onClick={() => onSelect(task)}
      data-task={task.id}
    >
      <span className="line-top">
        <span className="channel" title={say('task_kind', task.kind)}>
          {ICONS[task.kind] ?? <FileTextOutlined />}
        </span>
        <strong>{task.client.name ?? t('stranger')}</strong>
        {urgent && task.state === 'open' && (
          <em className={`urgent ${task.priority}`}>{say('priority', task.priority)}</em>
        )}
        <span className="gap" />
        <time dateTime={task.created_at}>{shortMoment(task.created_at, language)}</time>
      </span>
      <span className="line-title" title={task.title}>
        {task.title}
      </span>
      <span className="line-foot">
        <DueTime task={task} now={now} />
        <span className="gap" />
        <span>{task.assignee?.name ?? t('task_free')}</span>
      </span>
    </button>
  );
}

/** Until when it is to be done, and how that stands; how it ended, once it is over. */
export function DueTime({ task, now }: { task: Task; now: number }) {
  const { t, language } = useWords();
  if (task.state !== 'open') return <span>{outcomeOf(task, language)}</span>;
  if (!task.due_at) return <span>{t('task_noDue')}</span>;
  const late = lateness({ promised_at: task.due_at }, now);
  if (!late) return <span>{t('task_due', { at: shortMoment(task.due_at, language) })}</span>;
  const words = { span: span(late.ms, language) };
  return <i className={late.kind}>{t(late.kind === 'late' ? 'overdue' : 'task_dueIn', words)}</i>;
}

/** How a task ended, in words. */
export function outcomeOf(task: Task, language: 'zh' | 'en'): string {
  return (language === 'zh' ? task.outcome_zh : task.outcome_en) ?? task.outcome ?? '—';
}
