import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Empty, Table, Tag, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { webhooks, type Target, type Webhook, type WebhookKind } from '../api/webhook.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { UntoldDrawer } from './UntoldDrawer.tsx';
import { healthOf, type Health } from './webhook.ts';
import { WebhookDialog } from './WebhookDialog.tsx';

const LOOK_EVERY_MS = 10_000;
const COLORS: Record<Health, string> = {
  off: 'default',
  resting: 'error',
  failing: 'warning',
  well: 'success',
  new: 'default',
};

interface Seen {
  kinds: WebhookKind[];
  webhooks: Webhook[];
}

/** What is asked for of one webhook, or a new one (`one` null). */
interface Asking {
  what: 'edit' | 'untold';
  one: Webhook | null;
}

/** Which of the broker's systems are told what, and how that goes, for admins. */
export function WebhookPage() {
  const { t } = useWords();
  const source = useLoad<Seen>(webhooks.list, LOOK_EVERY_MS);
  const [asking, setAsking] = useState<Asking | null>(null);
  const add = (): void => setAsking({ what: 'edit', one: null });
  useShortcuts({ add });
  return (
    <Page
      title={t('hook')}
      lead={t('hook_lead')}
      source={source}
      actions={
        <Button type="primary" icon={<PlusOutlined />} onClick={add} title={`${t('hook_add')} (N)`}>
          {t('hook_add')}
        </Button>
      }
    >
      {(data) => (
        <>
          <Rows data={data} onAsk={setAsking} onDone={source.reload} />
          <Editing asking={asking} kinds={data.kinds} onClose={() => setAsking(null)} onDone={source.reload} />
          <UntoldDrawer
            key={asking?.one?.id}
            one={asking?.what === 'untold' ? asking.one : null}
            kinds={data.kinds}
            onClose={() => setAsking(null)}
            onDone={source.reload}
          />
        </>
      )}
    </Page>
  );
}

interface EditingProps {
  asking: Asking | null;
  kinds: WebhookKind[];
  onClose: () => void;
  onDone: () => Promise<void>;
}

function Editing({ asking, kinds, onClose, onDone }: EditingProps) {
  const { t } = useWords();
  const { busy, run } = useDeed(onDone);
  const tell = useSecret();
  const one = asking?.what === 'edit' ? asking.one : null;
  const submit = async (target: Target): Promise<void> => {
    let secret = '';
    const act = async (): Promise<void> => {
      if (one) await webhooks.change(one.id, target);
      else ({ secret } = await webhooks.add(target));
    };
    if (!(await run(act, t(one ? 'hook_changed' : 'hook_added')))) return;
    onClose();
    if (secret) tell(secret);
  };
  const title = asking?.what === 'edit' ? t(one ? 'hook_change' : 'hook_add') : null;
  return <WebhookDialog title={title} one={one} kinds={kinds} busy={busy} onSubmit={submit} onClose={onClose} />;
}

interface RowsProps {
  data: Seen;
  onAsk: (asking: Asking) => void;
  onDone: () => Promise<void>;
}

function Rows({ data, onAsk, onDone }: RowsProps) {
  const { t, language } = useWords();
  const nameOf = (kind: string): string => data.kinds.find(({ name }) => name === kind)?.[language] ?? kind;
  const columns: TableColumnsType<Webhook> = [
    { title: t('hook_url'), render: (_, one) => <code className="small">{one.url}</code> },
    {
      title: t('hook_kinds'),
      width: 360,
      render: (_, one) => one.kinds.map((kind) => <Tag key={kind}>{nameOf(kind)}</Tag>),
    },
    { title: t('hook_source'), render: (_, one) => one.source ?? <span className="quiet">{t('hook_anySource')}</span> },
    { title: t('hook_health'), render: (_, one) => <State one={one} onAsk={onAsk} /> },
    { render: (_, one) => <Deeds one={one} onAsk={onAsk} onDone={onDone} /> },
  ];
  return (
    <section className="sheet" aria-label={t('hook')}>
      <Table<Webhook>
        size="small"
        rowKey="id"
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={columns}
        dataSource={data.webhooks}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('hook_none')} /> }}
        onRow={(one) => ({ 'data-url': one.url }) as object}
      />
    </section>
  );
}

function State({ one, onAsk }: { one: Webhook; onAsk: RowsProps['onAsk'] }) {
  const { t, say, language } = useWords();
  const health = healthOf(one, new Date());
  return (
    <>
      <Tag color={COLORS[health]}>{say('hook_is', health)}</Tag>
      {one.delivered_at && (
        <span className="quiet">{t('hook_delivered', { at: shortMoment(one.delivered_at, language) })}</span>
      )}
      {one.active && one.error && <div className="small">{one.error[language]}</div>}
      {one.waiting > 0 && <div className="quiet">{t('hook_waiting', { n: count(one.waiting, language) })}</div>}
      {one.failed > 0 && (
        <div>
          <Button type="link" size="small" danger onClick={() => onAsk({ what: 'untold', one })}>
            {t('hook_untold', { n: count(one.failed, language) })}
          </Button>
        </div>
      )}
    </>
  );
}

interface DeedsProps {
  one: Webhook;
  onAsk: RowsProps['onAsk'];
  onDone: () => Promise<void>;
}

function Deeds({ one, onAsk, onDone }: DeedsProps) {
  const { t, language } = useWords();
  const { modal } = App.useApp();
  const { busy, run } = useDeed(onDone);
  const tell = useSecret();
  const test = (): Promise<boolean> =>
    run(async () => {
      const { ok, error } = await webhooks.test(one.id);
      if (!ok) throw new Error(t('hook_testFailed', { why: error?.[language] ?? '' }));
    }, t('hook_tested'));
  const rotate = async (): Promise<void> => {
    let secret = '';
    if (await run(async () => ({ secret } = await webhooks.rotate(one.id)), t('hook_rotated'))) tell(secret);
  };
  const askRotate = (): void =>
    void modal.confirm({
      title: t('hook_askRotate'),
      content: t('hook_sureRotate'),
      okText: t('hook_rotate'),
      cancelText: t('back'),
      onOk: rotate,
    });
  const turn = (): Promise<boolean> => run(() => webhooks.switch(one.id, !one.active), t('hook_changed'));
  return (
    <>
      <Button type="link" size="small" disabled={busy} onClick={() => void test()}>
        {t('hook_test')}
      </Button>
      <Button type="link" size="small" disabled={busy} onClick={() => onAsk({ what: 'edit', one })}>
        {t('hook_change')}
      </Button>
      <Button type="link" size="small" disabled={busy} onClick={askRotate}>
        {t('hook_rotate')}
      </Button>
      <Button type="link" size="small" danger={one.active} disabled={busy} onClick={() => void turn()}>
        {t(one.active ? 'hook_disable' : 'hook_enable')}
      </Button>
    </>
  );
}

/** Show a secret that was made, which nobody can look up again. */
function useSecret(): (secret: string) => void {
  const { t } = useWords();
  const { modal } = App.useApp();
  return (secret) =>
    void modal.info({
      title: t('hook_secret'),
      content: (
        <>
          <Typography.Text code copyable>
            {secret}
          </Typography.Text>
          <p className="quiet">{t('hook_secretOnce')}</p>
        </>
      ),
      okText: t('hook_secretKept'),
    });
}
