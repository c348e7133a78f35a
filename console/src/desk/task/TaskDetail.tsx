import { ArrowLeftOutlined, IdcardOutlined } from '@ant-design/icons';
import { Alert, Button, Descriptions, Form, Input, Radio, Tag } from 'antd';
import { useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { OUTCOMES, tasks, type Task } from '../api/task.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { useSession } from '../session/session.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useWords } from '../words/words.tsx';
import { useNow } from '../workspace/useNow.ts';
import { DueTime, outcomeOf } from './TaskLine.tsx';
import type { TaskHandle } from './useTasks.ts';

interface Props {
  task: Task;
  handle: TaskHandle;
  onBack: () => void;
  /** Opens the client's card where there is no room beside; null where it stands beside. */
  onCard: (() => void) | null;
}

type Asking = 'done' | 'cancel' | null;

/** A task in full: what is to be done, until when, and the buttons to take and to end it. */
export function TaskDetail({ task, handle, onBack, onCard }: Props) {
  const { t } = useWords();
  const { person } = useSession();
  const [asking, setAsking] = useState<Asking>(null);
  const { busy, run } = useDeed(handle.reload);
  const isOpen = task.state === 'open';
  const isMine = task.assignee?.id === person.id;
  const take = (): void => void run(async () => handle.moved(await tasks.take(task.id)), t('task_taken'));
  useShortcuts({
    take: () => isOpen && !isMine && take(),
    resolve: () => isOpen && setAsking('done'),
  });
  return (
    <section className="pane talk task" aria-label={task.title}>
      <header className="talk-head">
        <Button className="back" type="text" icon={<ArrowLeftOutlined />} aria-label={t('tasks')} onClick={onBack} />
        <div className="talk-title">
          <h1 title={task.title}>{task.title}</h1>
          <State task={task} />
        </div>
        <div className="talk-actions">
          {onCard && <Button icon={<IdcardOutlined />} aria-label={t('card')} title={t('card')} onClick={onCard} />}
          {isOpen && !isMine && (
            <Button type="primary" loading={busy} onClick={take} title={`${t('task_take')} (T)`}>
              {t('task_take')}
            </Button>
          )}
          {isOpen && (
            <Button
              type={isMine ? 'primary' : 'default'}
              onClick={() => setAsking('done')}
              title={`${t('task_end')} (E)`}
            >
              {t('task_end')}
            </Button>
          )}
          {isOpen && <Button onClick={() => setAsking('cancel')}>{t('task_cancel')}</Button>}
        </div>
      </header>
      <Body task={task} />
      <DoneDialog task={task} handle={handle} open={asking === 'done'} onClose={() => setAsking(null)} />
      <CancelDialog task={task} handle={handle} open={asking === 'cancel'} onClose={() => setAsking(null)} />
    </section>
  );
}

function State({ task }: { task: Task }) {
  const { t, say } = useWords();
  const now = useNow();
  return (
    <p>
      <Tag color={task.priority === 'critical' ? 'error' : task.priority === 'high' ? 'warning' : 'default'}>
        {say('priority', task.priority)}
      </Tag>
      <span>{say('task_state', task.state)}</span>·
      <DueTime task={task} now={now} />·<span>{task.assignee?.name ?? t('task_free')}</span>
    </p>
  );
}

function Body({ task }: { task: Task }) {
  const { t, say, language } = useWords();
  const items = [
    { label: t('task_kind'), children: say('task_kind', task.kind) },
    { label: t('client'), children: task.client.name ?? '—' },
    { label: t('card_manager'), children: task.manager ?? '—' },
    { label: t('task_opened'), children: shortMoment(task.created_at, language) },
    { label: t('task_dueAt'), children: task.due_at ? shortMoment(task.due_at, language) : t('task_noDue') },
    ...(task.ended_at
      ? [
          { label: t('task_ended'), children: shortMoment(task.ended_at, language) },
          { label: t('task_outcome'), children: outcomeOf(task, language) },
        ]
      : []),
  ];
  return (
    <div className="task-body">
      {task.notice_id && task.state === 'open' && <Alert type="warning" showIcon title={t('task_ofNotice')} />}
      <div className="sheet">
        <h2>{t('task_detail')}</h2>
        <p className="words">{task.detail || t('none')}</p>
      </div>
      <div className="sheet">
        <Descriptions column={1} size="small" colon={false} items={items} styles={{ label: { width: 96 } }} />
      </div>
    </div>
  );
}

interface DialogProps {
  task: Task;
  handle: TaskHandle;
  open: boolean;
  onClose: () => void;
}

function DoneDialog({ task, handle, open, onClose }: DialogProps) {
  const { t, say } = useWords();
  const { busy, run } = useDeed(handle.reload);
  const submit = async ({ outcome }: { outcome: string }): Promise<void> => {
    if (await run(async () => handle.moved(await tasks.done(task.id, outcome)), t('task_isDone'))) onClose();
  };
  return (
    <FormDialog
      open={open}
      title={t('task_doneTitle')}
      okText={t('task_end')}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="outcome"
        label={t('task_outcome')}
        rules={[{ required: true, message: t('task_outcomeMissing') }]}
      >
        <Radio.Group className="stacked">
          {OUTCOMES.map((value, n) => (
            <Radio key={value} value={value} autoFocus={n === 0}>
              {say('outcome', value)}
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      {task.notice_id && <p className="quiet">{t('task_doneNotice')}</p>}
    </FormDialog>
  );
}

function CancelDialog({ task, handle, open, onClose }: DialogProps) {
  const { t } = useWords();
  const { busy, run } = useDeed(handle.reload);
  const submit = async ({ why }: { why: string }): Promise<void> => {
    if (await run(async () => handle.moved(await tasks.cancel(task.id, why.trim())), t('task_isCancelled'))) onClose();
  };
  return (
    <FormDialog
      open={open}
      title={t('task_cancelTitle')}
      okText={t('task_cancel')}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="why"
        label={t('task_why')}
        extra={t('task_whyHint')}
        rules={[{ required: true, whitespace: true, message: t('task_whyMissing') }]}
      >
        <Input.TextArea autoFocus rows={3} maxLength={200} showCount />
      </Form.Item>
    </FormDialog>
  );
}
