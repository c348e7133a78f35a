import { App, Checkbox, Form, Input } from 'antd';
import { useState } from 'react';
import { clients } from '../api/desk.ts';
import type { BoundIdentity } from '../api/types.ts';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';

interface Props {
  clientId: string;
  identity: BoundIdentity | null;
  onClose: () => void;
  onDone: () => void;
}

/** Undo a wrong binding: what follows is said first, the reason goes to the audit log with the person's name. */
export function UnbindDialog({ clientId, identity, onClose, onDone }: Props) {
  const { t, say, explain } = useWords();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const submit = async ({ reason, history }: { reason: string; history: boolean }): Promise<void> => {
    if (!identity) return;
    setBusy(true);
    try {
      await clients.unbind(clientId, identity.id, reason.trim(), history);
      void message.success(t('unbound'));
      onClose();
      onDone();
    } catch (error) {
      void message.error(explain(error), 8);
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDialog
      open={identity !== null}
      title={t('unbindTitle', { channel: say('channel', identity?.channel) })}
      okText={t('unbindDo')}
      busy={busy}
      initialValues={{ reason: '', history: true }}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="form-lead">{t('unbindSure')}</p>
      <Form.Item
        name="reason"
        label={t('unbindWhy')}
        extra={t('unbindWhyHint')}
        rules={[{ required: true, whitespace: true, min: 2, message: t('unbindWhyMissing') }]}
      >
        <Input autoFocus maxLength={200} />
      </Form.Item>
      <Form.Item name="history" valuePropName="checked">
        <Checkbox>{t('unbindHistory')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}
