import { Alert, Descriptions } from 'antd';
import { useCallback } from 'react';
import { Link, useParams } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { campaigns, type CampaignInFull, type Results } from '../api/campaign.ts';
import { ContentPreview } from '../content/ContentPreview.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { isUnderWay, meantOf, saySchedule, settledOf } from './campaign.ts';
import { CampaignState, Progressed } from './CampaignList.tsx';
import { Deeds } from './Deeds.tsx';
import { ResultFigures } from './Results.tsx';

const LOOK_EVERY_MS = 2_000;

interface Seen {
  campaign: CampaignInFull;
  results: Results;
}

/** One campaign: what it is, what it has come to, and what this person may do with it. */
export function CampaignPage() {
  const { t } = useWords();
  const { campaignId = '' } = useParams();
  const load = useCallback(async (): Promise<Seen> => {
    const [campaign, results] = await Promise.all([campaigns.get(campaignId), campaigns.results(campaignId)]);
    return { campaign, results };
  }, [campaignId]);
  const source = useLoad(load, LOOK_EVERY_MS);
  const campaign = source.data?.campaign;
  return (
    <Page
      title={campaign?.name ?? t('campaign')}
      lead={campaign && <Link to="/campaigns">← {t('campaigns')}</Link>}
      source={source}
      actions={campaign && <Deeds campaign={campaign} onDone={source.reload} />}
    >
      {(data) => <Whole {...data} />}
    </Page>
  );
}

function Whole({ campaign, results }: Seen) {
  const { t, language } = useWords();
  const hasPlan = results.planned > 0;
  const meant = meantOf(results);
  return (
    <>
      <div className="sheet headline" data-testid="progress">
        <div>
          <p>
            <CampaignState state={campaign.state} />{' '}
            {hasPlan &&
              t('campaign_sentOf', {
                sent: count(settledOf(results), language),
                meant: count(meant, language),
                planned: count(results.planned, language),
              })}
          </p>
          {hasPlan && (
            <Progressed
              done={settledOf(results)}
              whole={meant}
              active={isUnderWay(campaign.state) && campaign.state !== 'paused'}
            />
          )}
        </div>
      </div>
      {campaign.why && <Alert type="warning" showIcon title={campaign.why[language]} />}
      {campaign.state === 'paused' && !campaign.why && (
        <Alert type="warning" showIcon title={t('campaign_pausedNow')} />
      )}
      {campaign.state === 'review' && !campaign.deeds.includes('approve') && (
        <Alert type="info" showIcon title={t('campaign_waitsForOther')} />
      )}
      {hasPlan && <ResultFigures campaign={campaign} results={results} />}
      <div className="halves">
        <Facts campaign={campaign} />
        <div className="sheet">
          <h2>{t('campaign_content')}</h2>
          <ContentPreview
            contentId={campaign.content.id}
            channels={campaign.channels}
            arms={Object.keys(campaign.arms)}
            values={campaign.values}
          />
        </div>
      </div>
    </>
  );
}

function Facts({ campaign }: { campaign: CampaignInFull }) {
  const { t, say, language } = useWords();
  const moment = (iso: string): string => shortMoment(iso, language);
  const arms = Object.entries(campaign.arms).map(([arm, weight]) => `${arm.toUpperCase()} : ${weight}`);
  const items = [
    { label: t('campaign_audience'), children: campaign.audience[language] },
    {
      label: t('campaign_content'),
      children: <Link to={`/contents/${campaign.content.id}`}>{campaign.content.title}</Link>,
    },
    {
      label: t('menu_channels'),
      children: campaign.channels.map((channel) => say('channel', channel)).join(t('comma')),
    },
    ...Object.entries(campaign.values).map(([field, value]) => ({
      label: t('campaign_valueOf', { field }),
      children: Array.isArray(value) ? value.join(t('comma')) : String(value),
    })),
    { label: t('campaign_schedule'), children: saySchedule(campaign.schedule, t, moment) },
    ...(campaign.not_after ? [{ label: t('campaign_notAfter'), children: moment(campaign.not_after) }] : []),
    { label: t('campaign_arms'), children: arms.length > 1 ? arms.join(t('comma')) : t('campaign_oneArm') },
    {
      label: t('campaign_holdOut'),
      children: campaign.hold_out > 0 ? `${Math.round(campaign.hold_out * 1000) / 10}%` : t('none'),
    },
    { label: t('campaign_goal'), children: sayGoal(campaign.goal, t) },
    ...(campaign.per_second
      ? [{ label: t('campaign_speed'), children: t('campaign_perSecond', { n: campaign.per_second }) }]
      : []),
    { label: t('campaign_author'), children: `${campaign.author ?? '—'}，${moment(campaign.created_at)}` },
    { label: t('campaign_approver'), children: campaign.approver ?? '—' },
  ];
  return (
    <div className="sheet">
      <h2>{t('campaign_setup')}</h2>
      <Descriptions column={1} size="small" colon={false} items={items} styles={{ label: { width: 110 } }} />
    </div>
  );
}

export function sayGoal(goal: string | null, t: ReturnType<typeof useWords>['t']): string {
  if (goal === 'reply') return t('goal_reply');
  if (goal?.startsWith('event:')) return t('goal_event', { event: goal.slice('event:'.length) });
  return t('goal_click');
}
