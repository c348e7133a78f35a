import { PauseOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { App, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { campaigns, type CampaignInFull, type Deed } from '../api/campaign.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { TestDialog } from './TestDialog.tsx';

interface Props {
  campaign: CampaignInFull;
  onDone: () => Promise<void>;
}

/** The buttons that this person has for a campaign: pausing is one click, what cannot be taken back asks first. */
export function Deeds({ campaign, onDone }: Props) {
  const { t, language } = useWords();
  const { modal } = App.useApp();
  const go = useNavigate();
  const { busy, run } = useDeed(onDone);
  const [asking, setAsking] = useState<'sendBack' | 'test' | null>(null);
  const { id, deeds } = campaign;
  const has = (deed: string): boolean => deeds.includes(deed);
  const act = (deed: Deed): void => void run(() => campaigns.do(id, deed), t(`campaign_did_${deed}`));
  const ask = (deed: Deed): void => {
    modal.confirm({
      title: t(`campaign_ask_${deed}` as 'campaign_ask_launch', { name: campaign.name }),
      content: t(`campaign_sure_${deed}` as 'campaign_sure_launch'),
      okText: t(`campaign_do_${deed}`),
      okButtonProps: { danger: deed === 'cancel' },
      cancelText: t('back'),
      onOk: () => run(() => campaigns.do(id, deed), t(`campaign_did_${deed}`)),
    });
  };
  const submit = async (): Promise<void> => {
    let told = '';
    const hand = async (): Promise<void> => {
      told = count((await campaigns.do(id, 'submit')).count ?? 0, language);
    };
    if (await run(hand, t('campaign_did_submit')))
      modal.info({ title: t('campaign_did_submit'), content: t('campaign_meant', { n: told }), okText: t('close') });
  };
  const copy = async (): Promise<void> => {
    let made = '';
    if (await run(async () => (made = (await campaigns.copy(id)).id), t('campaign_copied')))
      void go(`/campaigns/${made}`);
  };
  return (
    <div className="page-actions">
      {has('pause') && (
        <Button type="primary" danger icon={<PauseOutlined />} loading={busy} onClick={() => act('pause')}>
          {t('campaign_do_pause')}
        </Button>
      )}
      {has('resume') && (
        <Button type="primary" icon={<PlayCircleOutlined />} loading={busy} onClick={() => ask('resume')}>
          {t('campaign_do_resume')}
        </Button>
      )}
      {has('approve') && (
        <Button type="primary" loading={busy} onClick={() => ask('approve')}>
          {t('campaign_do_approve')}
        </Button>
      )}
      {has('launch') && (
        <Button type="primary" loading={busy} onClick={() => ask('launch')}>
          {t('campaign_do_launch')}
        </Button>
      )}
      {has('submit') && (
        <Button type="primary" loading={busy} onClick={() => void submit()}>
          {t('campaign_do_submit')}
        </Button>
      )}
      {has('edit') && <Button onClick={() => void go(`/campaigns/${id}/edit`)}>{t('edit')}</Button>}
      {has('copy') && <Button onClick={() => setAsking('test')}>{t('campaign_test')}</Button>}
      {has('send_back') && <Button onClick={() => setAsking('sendBack')}>{t('sendBack')}</Button>}
      {has('copy') && <Button onClick={() => void copy()}>{t('copy')}</Button>}
      {has('cancel') && (
        <Button danger onClick={() => ask('cancel')}>
          {t('campaign_do_cancel')}
        </Button>
      )}
      <SendBackDialog
        open={asking === 'sendBack'}
        busy={busy}
        onSubmit={async (note) => {
          if (await run(() => campaigns.sendBack(id, note), t('sentBack'))) setAsking(null);
        }}
        onClose={() => setAsking(null)}
      />
      {asking === 'test' && <TestDialog campaign={campaign} onClose={() => setAsking(null)} />}
    </div>
  );
}

interface SendBackProps {
  open: boolean;
  busy: boolean;
  onSubmit: (note: string) => Promise<void>;
  onClose: () => void;
}

/** Give something back to its author, with a word why. */
export function SendBackDialog({ open, busy, onSubmit, onClose }: SendBackProps) {
  const { t } = useWords();
  return (
    <FormDialog<{ note: string }>
      open={open}
      title={t('sendBackTitle')}
      okText={t('sendBack')}
      busy={busy}
      onSubmit={({ note }) => onSubmit(note.trim())}
      onClose={onClose}
    >
      <Form.Item
        name="note"
        label={t('sendBackWhy')}
        rules={[{ required: true, whitespace: true, message: t('sendBackMissing') }]}
      >
        <Input.TextArea autoFocus rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormDialog>
  );
}
