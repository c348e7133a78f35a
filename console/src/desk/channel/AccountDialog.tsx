import { Form, Input, Select } from 'antd';
import { useState } from 'react';
import { channels, type Account, type Provider } from '../api/channel.ts';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';
import { splitDetails } from './account.ts';
import { Fields } from './Fields.tsx';
import { useDeed } from './useDeed.tsx';

const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;

interface Props {
  providers: readonly Provider[];
  /** The account to change; null sets up a new one. */
  account: Account | null;
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface Given {
  provider?: string;
  name?: string;
  details?: Record<string, string | undefined>;
}

/** Set up an account, or change what may be seen of one: the form is drawn from what its provider needs. */
export function AccountDialog({ providers, account, onClose, onDone }: Props) {
  const { t } = useWords();
  const { busy, run } = useDeed(onDone);
  const [chosen, setChosen] = useState(account && providers[0] ? key(providers[0]) : null);
  const provider = providers.find((one) => key(one) === chosen);
  const details = provider?.details.filter((detail) => !(account && detail.secret)) ?? [];
  const submit = async ({ name = '', details: given = {} }: Given): Promise<void> => {
    if (!provider) return;
    const parts = splitDetails(details, given);
    const id = account?.id;
    const isDone = id
      ? await run(() => channels.change(id, parts.public), t('account_changed'))
      : await run(
          () => channels.add({ channel: provider.channel, provider: provider.name, name: name.trim(), ...parts }),
          t('account_added', { name: name.trim() }),
        );
    if (isDone) onClose();
  };
  return (
    <FormDialog<Given>
      open
      title={account ? t('form_changeTitle', { name: account.name }) : t('form_addTitle')}
      okText={t(account ? 'form_save' : 'form_create')}
      busy={busy}
      initialValues={{ details: account?.public ?? {} }}
      onSubmit={submit}
      onClose={onClose}
    >
      {!account && <Choice providers={providers} onChoose={setChosen} />}
      {!account && (
        <Form.Item
          name="name"
          label={t('form_name')}
          extra={t('form_nameHint')}
          rules={[{ required: true, pattern: NAME, message: t('form_nameWrong') }]}
        >
          <Input maxLength={40} autoComplete="off" spellCheck={false} />
        </Form.Item>
      )}
      <Fields key={chosen} details={details} account={account !== null} />
    </FormDialog>
  );
}

function Choice({ providers, onChoose }: { providers: readonly Provider[]; onChoose: (key: string) => void }) {
  const { t, say, language } = useWords();
  const kinds = [...new Set(providers.map((one) => one.channel))];
  const options = kinds.map((channel) => ({
    label: say('channel', channel),
    title: channel,
    options: providers
      .filter((one) => one.channel === channel)
      .map((one) => ({ value: key(one), label: language === 'zh' ? one.zh : one.en })),
  }));
  return (
    <Form.Item
      name="provider"
      label={t('form_provider')}
      rules={[{ required: true, message: t('form_providerMissing') }]}
    >
      <Select autoFocus options={options} onChange={onChoose} />
    </Form.Item>
  );
}

function key(provider: Provider): string {
  return `${provider.channel}/${provider.name}`;
}
