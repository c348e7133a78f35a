import { Alert, Empty } from 'antd';
import { useCallback } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { campaigns, type CampaignInFull } from '../api/campaign.ts';
import { letters, type FailureGroups } from '../api/letter.ts';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { Failures } from './Failures.tsx';
import { kindsOf, type Kind } from './failure.ts';

interface Seen extends FailureGroups {
  campaign: CampaignInFull;
}

/** A campaign's messages that came to nothing: why, what to do about it, and sending them again. */
export function FailurePage() {
  const { t } = useWords();
  const { campaignId = '' } = useParams();
  const load = useCallback(async (): Promise<Seen> => {
    const [campaign, found] = await Promise.all([campaigns.get(campaignId), letters.groups(campaignId)]);
    return { campaign, ...found };
  }, [campaignId]);
  const source = useLoad(load);
  const name = source.data?.campaign.name ?? t('campaign');
  return (
    <Page
      title={t('dead')}
      lead={
        <>
          <Link to={`/campaigns/${campaignId}`}>← {name}</Link>
          <br />
          {t('dead_lead')}
        </>
      }
      source={source}
    >
      {(data) => <Whole {...data} onDone={source.reload} />}
    </Page>
  );
}

function Whole({ campaign, groups, newer, onDone }: Seen & { onDone: () => Promise<void> }) {
  const { t } = useWords();
  const [asked, setAsked] = useSearchParams();
  const kinds = kindsOf(groups);
  const chosen = kinds.find((one) => one.kind === asked.get('kind')) ?? kinds[0];
  if (!chosen) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('dead_none')} />;
  const choose = (kind: string): void => setAsked({ kind }, { replace: true });
  const sure = kinds.filter((one) => !one.isDoubtful);
  const unsure = kinds.filter((one) => one.isDoubtful);
  return (
    <>
      {campaign.state === 'cancelled' && <Alert type="info" showIcon title={t('dead_cancelled')} />}
      <div className="letters">
        <nav className="sheet kinds" aria-label={t('dead_kinds')}>
          {sure.length > 0 && <h3>{t('dead_sure')}</h3>}
          {sure.map((one) => (
            <KindButton key={one.kind} one={one} isChosen={one === chosen} onChoose={choose} />
          ))}
          {unsure.length > 0 && <h3 className="warn">{t('dead_unsure')}</h3>}
          {unsure.map((one) => (
            <KindButton key={one.kind} one={one} isChosen={one === chosen} onChoose={choose} />
          ))}
        </nav>
        <Failures
          key={`${chosen.kind}/${chosen.count}/${chosen.mended}`}
          campaign={campaign}
          kind={chosen}
          newer={newer}
          onDone={onDone}
        />
      </div>
    </>
  );
}

interface KindProps {
  one: Kind;
  isChosen: boolean;
  onChoose: (kind: string) => void;
}

function KindButton({ one, isChosen, onChoose }: KindProps) {
  const { t, say, language } = useWords();
  const notes = [
    one.channels.map((channel) => say('channel', channel)).join(t('comma')),
    ...(one.mended ? [t('dead_mendedN', { n: count(one.mended, language) })] : []),
    ...(one.barred ? [t('dead_barredN', { n: count(one.barred, language) })] : []),
  ];
  return (
    <button
      type="button"
      className={one.isDoubtful ? 'kind doubtful' : 'kind'}
      aria-pressed={isChosen}
      data-kind={one.kind}
      onClick={() => onChoose(one.kind)}
    >
      <span>{one[language]}</span>
      <strong>{t('dead_count', { n: count(one.count, language) })}</strong>
      <small className="quiet">{notes.join(' · ')}</small>
    </button>
  );
}
