import { Alert, Form, Input, Spin } from 'antd';
import { useState } from 'react';
import { channels, type Account, type Tried } from '../api/channel.ts';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';
import type { Word } from '../words/zh.ts';
import { exampleAddress } from './account.ts';

interface Props {
  account: Account;
  onClose: () => void;
  onDone: () => Promise<void>;
}

type Phase =
  { name: 'asking' } | { name: 'sending' } | { name: 'told'; tried: Tried } | { name: 'refused'; why: string };

/** Send a test message and tell what became of it; stays open, so that it can be tried again. */
export function TestDialog({ account, onClose, onDone }: Props) {
  const { t, explain } = useWords();
  const [phase, setPhase] = useState<Phase>({ name: 'asking' });
  const example = exampleAddress(account.channel);
  const submit = async ({ address }: { address: string }): Promise<void> => {
    setPhase({ name: 'sending' });
    try {
      setPhase({ name: 'told', tried: await channels.tryOut(account, address.trim()) });
    } catch (error) {
      setPhase({ name: 'refused', why: explain(error) });
    }
    await onDone();
  };
  const hint = [t(hintOf(account.channel)), example ? t('example', { value: example }) : ''];
  return (
    <FormDialog<{ address: string }>
      open
      title={t('test_title', { name: account.name })}
      okText={t('test_do')}
      busy={phase.name === 'sending'}
      initialValues={{ address: account.channel === 'staff' ? '@all' : '' }}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="address"
        label={t('test_address')}
        extra={hint.filter(Boolean).join(' · ')}
        rules={[{ required: true, whitespace: true, message: t('test_addressMissing') }]}
      >
        <Input autoFocus maxLength={200} autoComplete="off" spellCheck={false} placeholder={example ?? ''} />
      </Form.Item>
      <div aria-live="polite">
        {phase.name === 'sending' && (
          <p className="form-progress">
            <Spin size="small" /> {t('test_sending')}
          </p>
        )}
        {phase.name === 'refused' && <Alert type="error" showIcon title={t('test_failed', { why: phase.why })} />}
        {phase.name === 'told' && <Told tried={phase.tried} />}
      </div>
    </FormDialog>
  );
}

function Told({ tried }: { tried: Tried }) {
  const { t, say, language } = useWords();
  if (tried.ok) return <Alert type="success" showIcon title={t('test_ok', { state: say('delivery', tried.state) })} />;
  const why = tried.error ? (language === 'zh' ? tried.error.zh : tried.error.en) : say('delivery', tried.state);
  const isOpen = tried.state === 'queued' || tried.state === 'sending' || tried.state === 'unknown';
  return (
    <Alert
      type={isOpen ? 'warning' : 'error'}
      showIcon
      title={t(isOpen ? 'test_wait' : 'test_failed', { why })}
      description={tried.error ? t('test_code', { code: tried.error.code }) : undefined}
    />
  );
}

function hintOf(channel: string): Word {
  const hints: Record<string, Word> = {
    sms: 'address_sms',
    voice: 'address_voice',
    email: 'address_email',
    wechat: 'address_wechat',
    kf: 'address_kf',
    push: 'address_push',
    staff: 'address_staff',
  };
  return hints[channel] ?? 'address_other';
}
