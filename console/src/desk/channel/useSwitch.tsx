import { App } from 'antd';
import { channels, type Account } from '../api/channel.ts';
import { useWords } from '../words/words.tsx';
import { useDeed } from './useDeed.tsx';

/** Switch accounts on and off; off asks first, because what clients write there is then not received. */
export function useSwitch(after: () => Promise<void>): (account: Account) => void {
  const { t } = useWords();
  const { modal } = App.useApp();
  const { run } = useDeed(after);
  return ({ id, name, active }) => {
    if (id === null) return;
    if (!active) return void run(() => channels.setActive(id, true), t('account_switchedOn'));
    modal.confirm({
      title: t('account_offTitle', { name }),
      content: t('account_offSure'),
      okText: t('account_off'),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: () => run(() => channels.setActive(id, false), t('account_switchedOff')),
    });
  };
}
