import { Button, Tag, Tooltip } from 'antd';
import { shortMoment } from '../../shared/moment.ts';
import type { Account, Provider } from '../api/channel.ts';
import { useWords } from '../words/words.tsx';
import { healthOf, isPulled, labelOf, takesOldSecrets } from './account.ts';
import { Webhook } from './Webhook.tsx';

/** What an admin may do with one account. */
export interface Deeds {
  change: () => void;
  rotate: () => void;
  test: () => void;
  switch: () => void;
}

interface Props {
  account: Account;
  provider: Provider | undefined;
  /** Null for who may only look. */
  deeds: Deeds | null;
}

/** One account: how it is, how its day went, where its provider calls us, how it is set up. */
export function AccountCard({ account, provider, deeds }: Props) {
  const { t, language } = useWords();
  const title = provider && (language === 'zh' ? provider.zh : provider.en);
  return (
    <article className={`account-card ${healthOf(account)}`} aria-label={account.name} data-account={account.name}>
      <header>
        <h3>{account.name}</h3>
        <HealthMark account={account} />
        {account.origin === 'settings' && (
          <Tooltip title={t('account_fromSettingsWhy')} trigger={['hover', 'focus']}>
            <Tag tabIndex={0}>{t('account_fromSettings')}</Tag>
          </Tooltip>
        )}
        {title && <span className="quiet provider">{title}</span>}
      </header>
      <Day account={account} />
      <Webhook address={account.webhook} />
      <Setup account={account} provider={provider} />
      {deeds && <Buttons account={account} provider={provider} deeds={deeds} />}
    </article>
  );
}

/** The health as a colour and as a word, for those who see no colours, too. */
function HealthMark({ account }: { account: Account }) {
  const { t } = useWords();
  const health = healthOf(account);
  return (
    <span className={`health ${health}`} data-testid="health">
      {t(`health_${health}`)}
    </span>
  );
}

function Day({ account }: { account: Account }) {
  const { t, language } = useWords();
  if (isPulled(account)) return <p className="quiet">{t('health_pulled')}</p>;
  const { accepted, failed, unknown, error, last_failed_at: failedAt } = account.health;
  return (
    <div className="account-day">
      <p>
        <span className="quiet">{t('health_day')}</span>
        <span>{t('count_accepted', { n: accepted })}</span>
        <span className={failed ? 'bad' : ''}>{t('count_failed', { n: failed })}</span>
        {unknown > 0 && <span className="warn">{t('count_unknown', { n: unknown })}</span>}
      </p>
      {error && (
        <p className={healthOf(account) === 'failing' ? 'bad' : 'quiet'}>
          {t('health_lastFailed', {
            at: failedAt ? shortMoment(failedAt, language) : '—',
            why: language === 'zh' ? error.zh : error.en,
          })}{' '}
          <code>{error.code}</code>
        </p>
      )}
    </div>
  );
}

/** How the account is set up; of a secret only whether it is. */
function Setup({ account, provider }: { account: Account; provider: Provider | undefined }) {
  const { t, language } = useWords();
  const details = provider?.details ?? [];
  const said = details.filter(({ name, secret }) => (secret ? name in account.secrets : account.public[name]));
  if (said.length === 0) return null;
  return (
    <details>
      <summary>{t('account_details')}</summary>
      <dl className="account-setup">
        {said.map((detail) => (
          <div key={detail.name}>
            <dt>{labelOf(detail, language)}</dt>
            <dd className={detail.secret ? 'quiet' : ''}>
              {detail.secret
                ? t(account.secrets[detail.name] ? 'account_secret' : 'account_noSecret')
                : account.public[detail.name]}
            </dd>
          </div>
        ))}
      </dl>
      {account.rotated_at && takesOldSecrets(account, Date.now()) && (
        <p className="warn">{t('account_oldSecrets', { at: shortMoment(account.rotated_at, language) })}</p>
      )}
    </details>
  );
}

function Buttons({ account, provider, deeds }: { account: Account; provider: Provider | undefined; deeds: Deeds }) {
  const { t } = useWords();
  const mayChange = account.id !== null && provider !== undefined;
  const hasSecrets = provider?.details.some((detail) => detail.secret);
  const mayTest = account.active && !isPulled(account);
  if (!mayChange && !mayTest) return null;
  return (
    <footer>
      {mayTest && <Button onClick={deeds.test}>{t('account_test')}</Button>}
      {mayChange && <Button onClick={deeds.change}>{t('account_change')}</Button>}
      {mayChange && hasSecrets && <Button onClick={deeds.rotate}>{t('account_rotate')}</Button>}
      {mayChange && (
        <Button danger={account.active} onClick={deeds.switch}>
          {t(account.active ? 'account_off' : 'account_on')}
        </Button>
      )}
    </footer>
  );
}
