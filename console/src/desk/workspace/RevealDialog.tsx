import { App, Form, Input } from 'antd';
import { useState } from 'react';
import { clients } from '../api/desk.ts';
import type { RevealField } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import type { Revealed } from './useRevealed.ts';

interface Props {
  clientId: string;
  field: RevealField | null;
  onClose: () => void;
  onRevealed: (revealed: Revealed) => void;
}

/** Ask for a masked field in full: the reason goes to the audit log with the person's name. */
export function RevealDialog({ clientId, field, onClose, onRevealed }: Props) {
  const { t, explain } = useWords();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const what = field ? t(`card_${field}`) : '';
  const submit = async ({ reason }: { reason: string }): Promise<void> => {
    if (!field) return;
    setBusy(true);
    try {
      const { value } = await clients.reveal(clientId, field, reason.trim());
      onRevealed({ field, value });
      onClose();
    } catch (error) {
      void message.error(explain(error), 6);
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDialog
      open={field !== null}
      title={t('revealTitle', { what })}
      okText={t('revealDo')}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="reason"
        label={t('revealWhy')}
        extra={t('revealWhyHint')}
        rules={[{ required: true, whitespace: true, min: 2, message: t('revealWhyMissing') }]}
      >
        <Input autoFocus maxLength={200} />
      </Form.Item>
    </FormDialog>
  );
}
