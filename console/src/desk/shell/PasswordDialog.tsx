import { Form, Input } from 'antd';
import { session } from '../api/desk.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { useWords } from '../words/words.tsx';
import { FormDialog } from './FormDialog.tsx';

interface Given {
  old: string;
  next: string;
  again: string;
}

/** One's own password: the old one, and the new one twice. */
export function PasswordDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  const { busy, run } = useDeed(() => Promise.resolve());
  const submit = async ({ old, next }: Given): Promise<void> => {
    if (await run(() => session.changePassword(old, next), t('password_changed'))) onClose();
  };
  return (
    <FormDialog<Given>
      open={open}
      title={t('password_change')}
      okText={t('password_change')}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item name="old" label={t('password_old')} rules={[{ required: true, message: t('password_needOld') }]}>
        <Input.Password autoComplete="current-password" maxLength={256} />
      </Form.Item>
      <Form.Item
        name="next"
        label={t('password_new')}
        rules={[{ required: true, min: 12, max: 256, message: t('password_tooShort') }]}
      >
        <Input.Password autoComplete="new-password" maxLength={256} />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('password_again')}
        dependencies={['next']}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue('next') ? Promise.resolve() : Promise.reject(new Error(t('password_differ'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={256} />
      </Form.Item>
    </FormDialog>
  );
}
