import { FileDoneOutlined, FilePdfOutlined } from '@ant-design/icons';
import { Button, Descriptions, Drawer, Form, Input, Skeleton, Timeline } from 'antd';
import { useCallback, useState } from 'react';
import { clockTime, shortMoment } from '../../shared/moment.ts';
import { LIVE_STATES, notices, type NoticeInFull, type NoticeMessage } from '../api/notice.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Failure } from '../shell/Failure.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { money } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { useNow } from '../workspace/useNow.ts';
import { NoticeState, TimeLeft } from './NoticeTable.tsx';

interface Props {
  id: string | null;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

/** One notice: every message, every step of the proof, the proof to keep, and the way to stop it. */
export function NoticeDrawer({ id, onClose, onChanged }: Props) {
  const { t } = useWords();
  return (
    <Drawer open={id !== null} onClose={onClose} size={520} title={t('reach_notice')} destroyOnHidden>
      {id && <Inside key={id} id={id} onChanged={onChanged} />}
    </Drawer>
  );
}

function Inside({ id, onChanged }: { id: string; onChanged: () => Promise<void> }) {
  const { t } = useWords();
  const source = useLoad(useCallback(() => notices.get(id), [id]));
  const [asking, setAsking] = useState(false);
  const { busy, run } = useDeed(async () => {
    await Promise.all([source.reload(), onChanged()]);
  });
  const { data, error } = source;
  if (error !== null && !data) return <Failure error={error} retry={() => void source.reload()} />;
  if (!data) return <Skeleton active paragraph={{ rows: 8 }} />;
  const isLive = LIVE_STATES.some((state) => state === data.state);
  const cancel = async ({ why }: { why: string }): Promise<void> => {
    if (await run(() => notices.cancel(id, why.trim()), t('reach_cancelled'))) setAsking(false);
  };
  return (
    <div className="stack">
      <Facts notice={data} />
      <div className="page-actions">
        <Button type="primary" icon={<FilePdfOutlined />} href={notices.proofAddress(id, 'pdf')} download>
          {t('proof_pdf')}
        </Button>
        <Button icon={<FileDoneOutlined />} href={notices.proofAddress(id, 'json')} download>
          {t('proof_json')}
        </Button>
        {isLive && (
          <Button danger onClick={() => setAsking(true)}>
            {t('reach_cancel')}
          </Button>
        )}
      </div>
      <p className="quiet">{t('proof_hint')}</p>
      <Messages messages={data.messages} />
      <Proof notice={data} />
      <FormDialog
        open={asking}
        title={t('reach_cancelTitle')}
        okText={t('reach_cancel')}
        busy={busy}
        onSubmit={cancel}
        onClose={() => setAsking(false)}
      >
        <p className="form-lead">{t('reach_cancelSure')}</p>
        <Form.Item
          name="why"
          label={t('task_why')}
          rules={[{ required: true, whitespace: true, message: t('task_whyMissing') }]}
        >
          <Input.TextArea autoFocus rows={2} maxLength={200} />
        </Form.Item>
      </FormDialog>
    </div>
  );
}

function Facts({ notice }: { notice: NoticeInFull }) {
  const { t, say, language } = useWords();
  const now = useNow(5_000);
  const items = [
    { label: t('client'), children: notice.client.name ?? '—' },
    { label: t('reach_what'), children: notice.title ?? notice.content_key ?? '—' },
    { label: t('reach_state'), children: <NoticeState notice={notice} /> },
    ...(notice.reached_how ? [{ label: t('reach_how'), children: say('reached', notice.reached_how) }] : []),
    ...(notice.reason ? [{ label: t('reason'), children: say('suppressed', notice.reason) }] : []),
    ...(notice.ended_at ? [] : [{ label: t('reach_left'), children: <TimeLeft notice={notice} now={now} /> }]),
    { label: t('reach_exposure'), children: notice.exposure > 0 ? money(notice.exposure, language) : '—' },
    { label: t('task_opened'), children: shortMoment(notice.created_at, language) },
    ...(notice.revision > 1
      ? [{ label: t('reach_revision'), children: t('reach_times', { n: notice.revision }) }]
      : []),
  ];
  return <Descriptions column={1} size="small" colon={false} items={items} styles={{ label: { width: 96 } }} />;
}

function Messages({ messages }: { messages: readonly NoticeMessage[] }) {
  const { t, say, language } = useWords();
  return (
    <section>
      <h3>{t('reach_messages')}</h3>
      {messages.length === 0 && <p className="quiet">{t('reach_noMessages')}</p>}
      <ul className="rows">
        {messages.map((one) => (
          <li key={one.id}>
            <span>
              {say('channel', one.channel)} <small className="quiet">{one.account}</small>
            </span>
            <span className={one.state === 'failed' || one.state === 'rejected' ? 'bad' : ''}>
              {say('delivery', one.state)}
              {one.reason && ` · ${say('why', one.reason)}`}
            </span>
            <time className="quiet">{clockTime(one.sending_at ?? one.created_at, language)}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Proof({ notice }: { notice: NoticeInFull }) {
  const { t, say, language } = useWords();
  const items = notice.proof.map((step) => ({
    key: step.seq,
    content: (
      <>
        <strong>{say('proof', step.what)}</strong>{' '}
        {typeof step.detail['channel'] === 'string' && say('channel', step.detail['channel'])}{' '}
        {typeof step.detail['status'] === 'string' && say('delivery', step.detail['status'])}
        <br />
        <small className="quiet">
          {shortMoment(step.at, language)} · <code title={step.hash}>{step.hash.slice(0, 12)}…</code>
        </small>
      </>
    ),
  }));
  return (
    <section>
      <h3>{t('proof')}</h3>
      {items.length === 0 ? <p className="quiet">{t('proof_none')}</p> : <Timeline items={items} />}
    </section>
  );
}
