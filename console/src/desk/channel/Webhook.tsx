import { CopyOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useWords } from '../words/words.tsx';

/** The address that a provider is told to call, with a button that copies it. */
export function Webhook({ address }: { address: string | null }) {
  const { t } = useWords();
  const { message } = App.useApp();
  if (!address) return <p className="quiet">{t('account_noWebhook')}</p>;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(address);
      void message.success(t('account_copied'));
    } catch {
      void message.warning(t('account_copyFailed'));
    }
  };
  return (
    <div className="webhook">
      <span className="quiet">{t('account_webhook')}</span>
      <code>{address}</code>
      <Button
        size="small"
        type="text"
        icon={<CopyOutlined />}
        aria-label={`${t('account_copy')} ${address}`}
        title={t('account_copy')}
        onClick={() => void copy()}
      />
      {address.includes('<') && <small className="quiet">{t('account_webhookHint')}</small>}
    </div>
  );
}
