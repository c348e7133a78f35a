import { Form, Input } from 'antd';
import { letters, type Failure } from '../api/letter.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';

interface Props {
  /** Whose address is corrected; null where the dialog is shut. */
  one: Failure | null;
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface Given {
  address: string;
  reason: string;
}

/** A number or mailbox that was wrong: what it is now, and who says so. */
export function AddressDialog({ one, onClose, onDone }: Props) {
  const { t } = useWords();
  const { busy, run } = useDeed(onDone);
  const submit = async ({ address, reason }: Given): Promise<void> => {
    if (one && (await run(() => letters.correct(one, address, reason), t('dead_corrected')))) onClose();
  };
  return (
    <FormDialog<Given>
      open={one !== null}
      title={t('dead_correctOf', { name: one ? `${one.name} ${one.client_no}` : '' })}
      okText={t('dead_correct')}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="address"
        label={t(one?.channel === 'email' ? 'dead_newMailbox' : 'dead_newNumber')}
        rules={[{ required: true, whitespace: true, message: t('dead_needAddress') }]}
      >
        <Input autoComplete="off" maxLength={320} />
      </Form.Item>
      <Form.Item
        name="reason"
        label={t('dead_why')}
        rules={[{ required: true, whitespace: true, min: 2, message: t('dead_needWhy') }]}
      >
        <Input.TextArea rows={2} maxLength={200} showCount />
      </Form.Item>
      <p className="quiet">{t('dead_correctNote')}</p>
    </FormDialog>
  );
}
