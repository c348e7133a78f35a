import { Alert, Descriptions } from 'antd';
import { shortMoment } from '../../shared/moment.ts';
import { CountPanel } from '../audience/CountPanel.tsx';
import { ContentPreview } from '../content/ContentPreview.tsx';
import { useWords } from '../words/words.tsx';
import type { StepProps } from './CampaignEditor.tsx';
import { saySchedule } from './campaign.ts';
import { sayGoal } from './CampaignPage.tsx';

/** All of it once more before it is saved: who, what, how, when. */
export function ReviewStep({ draft, stock }: StepProps) {
  const { t, say, language } = useWords();
  const content = stock.contents.find((one) => one.id === draft.content_id);
  const moment = (iso: string): string => shortMoment(iso, language);
  const total = Object.values(draft.arms).reduce((sum, weight) => sum + weight, 0);
  const arms = Object.entries(draft.arms).map(
    ([arm, weight]) => `${arm.toUpperCase()} ${Math.round((weight / total) * 100)}%`,
  );
  const items = [
    { label: t('campaign_name'), children: draft.name },
    { label: t('campaign_content'), children: content?.title ?? '—' },
    { label: t('menu_channels'), children: draft.channels.map((channel) => say('channel', channel)).join(t('comma')) },
    { label: t('campaign_arms'), children: arms.length > 1 ? arms.join(t('comma')) : t('campaign_oneArm') },
    { label: t('campaign_holdOut'), children: draft.hold_out ? `${Math.round(draft.hold_out * 100)}%` : t('none') },
    { label: t('campaign_goal'), children: sayGoal(draft.goal, t) },
    { label: t('campaign_schedule'), children: saySchedule(draft.schedule, t, moment) },
    { label: t('campaign_notAfter'), children: draft.not_after ? moment(draft.not_after) : t('none') },
  ];
  return (
    <>
      <Alert type="info" showIcon title={t('campaign_reviewHint')} />
      <div className="halves">
        <div className="stack">
          <div className="sheet">
            <h2>{t('campaign_setup')}</h2>
            <Descriptions column={1} size="small" colon={false} items={items} styles={{ label: { width: 96 } }} />
          </div>
          <CountPanel expression={draft.expression} />
        </div>
        <div className="sheet">
          <h2>{t('preview')}</h2>
          <ContentPreview
            contentId={draft.content_id}
            channels={draft.channels}
            arms={Object.keys(draft.arms)}
            values={draft.values}
          />
        </div>
      </div>
    </>
  );
}
