import { PlusOutlined } from '@ant-design/icons';
import { Alert, Button, Empty, Skeleton } from 'antd';
import { useEffect, useState, type CSSProperties } from 'react';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import type { Account, ChannelPageData } from '../api/channel.ts';
import { mayAdminister, useSession } from '../session/session.tsx';
import { Failure } from '../shell/Failure.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useWords } from '../words/words.tsx';
import { ChannelMark } from '../workspace/TicketLine.tsx';
import { AccountCard, type Deeds } from './AccountCard.tsx';
import { AccountDialog } from './AccountDialog.tsx';
import { byChannel, isFailing, keyOf, providerOf } from './account.ts';
import { RotateDialog } from './RotateDialog.tsx';
import { TestDialog } from './TestDialog.tsx';
import { useAccounts, type AccountsHandle } from './useAccounts.ts';
import { useSwitch } from './useSwitch.tsx';

type Asking = { what: 'add' } | { what: 'change' | 'rotate' | 'test'; account: Account };

/** The room of channels: every account with its health; supervisors look, admins set up, change and try out. */
export function ChannelPage() {
  const { t, language } = useWords();
  const { person } = useSession();
  const handle = useAccounts();
  const [asking, setAsking] = useState<Asking | null>(null);
  const mayChange = mayAdminister(person);
  const add = (): void => setAsking({ what: 'add' });
  useShortcuts({ add: () => mayChange && handle.data && add() });
  useEffect(() => {
    document.title = `${t('channels')} · ${t('product')}`;
  }, [t]);
  const { data, error } = handle;
  return (
    <main className="channels">
      <header className="channels-head">
        <div>
          <h1>{t('channels')}</h1>
          <p className="quiet">
            {t('channels_lead')} {!mayChange && t('channels_lookOnly')}
          </p>
        </div>
        {data && data.accounts.length > 0 && <Summary accounts={data.accounts} />}
        {mayChange && <Link to="/channels/webhooks">{t('hook')}</Link>}
        {mayChange && data && (
          <Button type="primary" icon={<PlusOutlined />} onClick={add} title={`${t('account_add')} (N)`}>
            {t('account_add')}
          </Button>
        )}
      </header>
      {error !== null && !data && <Failure error={error} retry={() => void handle.reload()} />}
      {error !== null && data && (
        <Alert banner type="warning" title={t('channels_stale', { at: shortMoment(data.readAt, language) })} />
      )}
      {error === null && !data && <Skeleton active paragraph={{ rows: 10 }} />}
      {data && <Groups data={data} mayChange={mayChange} handle={handle} ask={setAsking} />}
      {data && asking && <Asked asking={asking} data={data} handle={handle} onClose={() => setAsking(null)} />}
    </main>
  );
}

function Summary({ accounts }: { accounts: readonly Account[] }) {
  const { t } = useWords();
  const failing = accounts.filter(isFailing).length;
  return (
    <p className={failing ? 'summary failing' : 'summary'} role="status">
      {failing ? t('channels_failing', { n: failing }) : t('channels_wellAll')}
    </p>
  );
}

interface GroupsProps {
  data: ChannelPageData;
  mayChange: boolean;
  handle: AccountsHandle;
  ask: (asking: Asking) => void;
}

function Groups({ data, mayChange, handle, ask }: GroupsProps) {
  const { t, say } = useWords();
  const switching = useSwitch(handle.reload);
  if (data.accounts.length === 0)
    return (
      <Empty className="nothing" image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('channels_none')}>
        <p className="quiet">{t(mayChange ? 'channels_noneMore' : 'channels_lookOnly')}</p>
      </Empty>
    );
  const deedsFor = (account: Account): Deeds => ({
    change: () => ask({ what: 'change', account }),
    rotate: () => ask({ what: 'rotate', account }),
    test: () => ask({ what: 'test', account }),
    switch: () => switching(account),
  });
  const groups = byChannel(data.accounts).map(([channel, accounts]) => (
    <section
      key={channel}
      className="channel-group"
      aria-label={say('channel', channel)}
      style={{ '--cards': accounts.length } as CSSProperties}
    >
      <h2>
        <ChannelMark channel={channel} /> {say('channel', channel)}
      </h2>
      <ul className="account-cards">
        {accounts.map((account) => (
          <li key={keyOf(account)}>
            <AccountCard
              account={account}
              provider={providerOf(account, data.providers)}
              deeds={mayChange ? deedsFor(account) : null}
            />
          </li>
        ))}
      </ul>
    </section>
  ));
  return <div className="channel-groups">{groups}</div>;
}

interface AskedProps {
  asking: Asking;
  data: ChannelPageData;
  handle: AccountsHandle;
  onClose: () => void;
}

/** The dialog that is open: at most one. */
function Asked({ asking, data, handle, onClose }: AskedProps) {
  const rest = { onClose, onDone: handle.reload };
  if (asking.what === 'add') return <AccountDialog providers={data.providers} account={null} {...rest} />;
  const { account } = asking;
  if (asking.what === 'test') return <TestDialog account={account} {...rest} />;
  const provider = providerOf(account, data.providers);
  if (!provider) return null;
  if (asking.what === 'change') return <AccountDialog providers={[provider]} account={account} {...rest} />;
  return <RotateDialog account={account} provider={provider} {...rest} />;
}
