import { App, Button, Drawer, Skeleton } from 'antd';
import { useCallback, useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { tiers, type Rules, type TierRules } from '../api/tier.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Failure } from '../shell/Failure.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { ChangeList } from './ChangeList.tsx';
import { isSame } from './rules.ts';

interface Props {
  rules: TierRules;
  onDone: () => Promise<void>;
}

/** Who changed the rules when; what each version changed, and the way back to it. */
export function History({ rules, onDone }: Props) {
  const { t, language } = useWords();
  const [version, setVersion] = useState<number | null>(null);
  const newest = rules.history[0];
  return (
    <>
      {!newest && <p className="quiet">{t('tier_historyNone')}</p>}
      <ul className="rows sheet">
        {rules.history.map((one) => (
          <li key={one.version} data-version={one.version}>
            <span>
              <strong>{t('tier_version', { n: one.version })}</strong>{' '}
              <span className="quiet">
                {one.author ?? '—'} · {shortMoment(one.at, language)}
              </span>
            </span>
            {one.version === rules.version && <span className="good">{t('tier_versionHolds')}</span>}
            <Button type="link" className="cell-link" onClick={() => setVersion(one.version)}>
              {t('tier_historyLook')}
            </Button>
          </li>
        ))}
        <li data-version="0">
          <span>
            <strong>{t('tier_shipped')}</strong>
          </span>
          {rules.version === 0 ? (
            <span className="good">{t('tier_versionHolds')}</span>
          ) : (
            <Button type="link" className="cell-link" onClick={() => setVersion(0)}>
              {t('tier_historyLook')}
            </Button>
          )}
        </li>
      </ul>
      <Drawer
        open={version !== null}
        size={620}
        title={version === 0 ? t('tier_shipped') : t('tier_versionTitle', { n: version ?? 0 })}
        onClose={() => setVersion(null)}
        destroyOnHidden
      >
        {version !== null && (
          <Version key={version} version={version} rules={rules} onDone={onDone} onClose={() => setVersion(null)} />
        )}
      </Drawer>
    </>
  );
}

interface VersionProps extends Props {
  version: number;
  onClose: () => void;
}

function Version({ version, rules, onDone, onClose }: VersionProps) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const { busy, run } = useDeed(onDone);
  const load = useCallback(async (): Promise<{ mine: Rules; before: Rules | null }> => {
    const [mine, before] = await Promise.all([
      tiers.version(version),
      version > 0 ? tiers.version(version - 1) : Promise.resolve(null),
    ]);
    return { mine, before };
  }, [version]);
  const { data, error, reload } = useLoad(load);
  if (error !== null && !data) return <Failure error={error} retry={() => void reload()} />;
  if (!data) return <Skeleton active />;
  const { mine, before } = data;
  const ask = (): void => {
    modal.confirm({
      title: version === 0 ? t('tier_restoreShipped') : t('tier_restoreTitle', { n: version }),
      content: t('tier_restoreSure'),
      okText: t('tier_restore'),
      cancelText: t('back'),
      onOk: async () => {
        const act = (): Promise<unknown> => tiers.change(rules.version, mine);
        if (await run(act, t('tier_saved', { n: rules.version + 1 }))) onClose();
      },
    });
  };
  return (
    <div className="stack">
      {before && (
        <section>
          <h3>{t('tier_versionDid')}</h3>
          <ChangeList before={before} after={mine} />
        </section>
      )}
      <section>
        <h3>{t('tier_versionNow')}</h3>
        <ChangeList before={mine} after={rules.rules} />
      </section>
      {!isSame(mine, rules.rules) && (
        <div className="page-actions">
          <Button loading={busy} onClick={ask}>
            {t('tier_restore')}
          </Button>
        </div>
      )}
    </div>
  );
}
