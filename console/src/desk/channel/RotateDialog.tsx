import { Alert } from 'antd';
import { useState } from 'react';
import { channels, type Account, type Provider } from '../api/channel.ts';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';
import { splitDetails } from './account.ts';
import { Field } from './Fields.tsx';
import { useDeed } from './useDeed.tsx';

interface Props {
  account: Account;
  provider: Provider;
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface Given {
  details?: Record<string, string | undefined>;
}

/** Replace secrets, each or all; it says beforehand that those of before hold for a day. */
export function RotateDialog({ account, provider, onClose, onDone }: Props) {
  const { t } = useWords();
  const { busy, run } = useDeed(onDone);
  const [isEmpty, setIsEmpty] = useState(false);
  const details = provider.details.filter((detail) => detail.secret);
  const submit = async ({ details: given = {} }: Given): Promise<void> => {
    const { secret } = splitDetails(details, given);
    const nothing = Object.keys(secret).length === 0;
    setIsEmpty(nothing);
    if (nothing || account.id === null) return;
    const id = account.id;
    if (await run(() => channels.rotate(id, secret), t('account_rotated'))) onClose();
  };
  return (
    <FormDialog<Given>
      open
      title={t('rotate_title', { name: account.name })}
      okText={t('rotate_do')}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Alert className="form-lead" type="info" showIcon title={t('rotate_hint')} />
      {details.map((detail) => (
        <Field key={detail.name} detail={detail} optional />
      ))}
      {isEmpty && <Alert type="error" showIcon title={t('rotate_nothing')} />}
    </FormDialog>
  );
}
