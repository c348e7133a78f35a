import { Alert, Button, Input, Steps } from 'antd';
import { useCallback, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { audiences, type AudienceLanguage, type NamedAudience } from '../api/audience.ts';
import { campaigns, type Campaign, type CampaignDraft } from '../api/campaign.ts';
import { contents, type ContentEntry } from '../api/content.ts';
import { asGroup } from '../audience/expression.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { AudienceStep } from './AudienceStep.tsx';
import { ContentStep } from './ContentStep.tsx';
import { NEW_DRAFT, problemOf, toDraft } from './draft.ts';
import { Findings } from './Findings.tsx';
import { PlanStep } from './PlanStep.tsx';
import { ReviewStep } from './ReviewStep.tsx';
import { useCheck } from './useCheck.ts';

export interface Stock {
  contents: ContentEntry[];
  language: AudienceLanguage;
  audiences: NamedAudience[];
  campaigns: Campaign[];
}

export interface StepProps {
  draft: CampaignDraft;
  stock: Stock;
  change: (part: Partial<CampaignDraft>) => void;
}

interface Seen {
  stock: Stock;
  draft: CampaignDraft;
}

/** Write a campaign in four steps, or change a draft; `?audience=` begins with a named audience. */
export function CampaignEditor() {
  const { t } = useWords();
  const { campaignId = null } = useParams();
  const wanted = useSearchParams()[0].get('audience');
  const load = useCallback(async (): Promise<Seen> => {
    const [approved, language, named, others, known] = await Promise.all([
      contents.approved(),
      audiences.language(),
      audiences.list(),
      campaigns.list(),
      campaignId ? campaigns.get(campaignId) : null,
    ]);
    const stock = { contents: approved, language, audiences: named, campaigns: others };
    const taken = named.find((one) => one.id === wanted);
    const fresh = taken ? { ...NEW_DRAFT, expression: asGroup(taken.expression) } : NEW_DRAFT;
    return { stock, draft: known ? toDraft(known) : fresh };
  }, [campaignId, wanted]);
  const source = useLoad(load);
  return (
    <Page title={campaignId ? t('campaign_edit') : t('campaign_new')} source={source}>
      {({ stock, draft }) => <Wizard key={campaignId} id={campaignId} stock={stock} first={draft} />}
    </Page>
  );
}

const STEPS = ['content', 'audience', 'plan', 'review'] as const;

function Wizard({ id, stock, first }: { id: string | null; stock: Stock; first: CampaignDraft }) {
  const { t } = useWords();
  const go = useNavigate();
  const [draft, setDraft] = useState(first);
  const [at, setAt] = useState(0);
  const [told, setTold] = useState(false);
  const { busy, run } = useDeed(async () => undefined);
  const checked = useCheck(draft, STEPS[at] ?? 'review');
  const problem = problemOf(STEPS[at] ?? 'review', draft);
  const step = (to: number): void => {
    const blocked = STEPS.slice(0, to).findIndex((name) => problemOf(name, draft) !== null);
    setTold(blocked >= 0);
    setAt(blocked >= 0 ? blocked : to);
  };
  const save = async (): Promise<void> => {
    let made = id;
    const act = async (): Promise<void> => {
      if (id) await campaigns.change(id, draft);
      else made = (await campaigns.create(draft)).id;
    };
    if (await run(act, t('campaign_saved'))) void go(`/campaigns/${made}`);
  };
  const props: StepProps = { draft, stock, change: (part) => setDraft((before) => ({ ...before, ...part })) };
  return (
    <div className="wizard">
      <Steps current={at} onChange={step} size="small" items={STEPS.map((name) => ({ title: t(`step_${name}`) }))} />
      {told && problem && <Alert type="warning" showIcon title={t(problem)} />}
      <Findings step={STEPS[at] ?? 'review'} checked={draft.content_id ? checked : null} />
      {at === 0 && (
        <label className="sheet named">
          <span>{t('campaign_name')}</span>
          <Input
            autoFocus
            maxLength={80}
            value={draft.name}
            placeholder={t('campaign_nameHint')}
            onChange={(event) => props.change({ name: event.target.value })}
          />
        </label>
      )}
      {at === 0 && <ContentStep {...props} checked={checked} />}
      {at === 1 && <AudienceStep {...props} />}
      {at === 2 && <PlanStep {...props} />}
      {at === 3 && <ReviewStep {...props} />}
      <footer className="wizard-foot">
        <Button onClick={() => (at === 0 ? void go('/campaigns') : setAt(at - 1))}>
          {t(at === 0 ? 'cancel' : 'stepBack')}
        </Button>
        <span className="gap" />
        {at < STEPS.length - 1 ? (
          <Button type="primary" onClick={() => step(at + 1)}>
            {t('stepNext')}
          </Button>
        ) : (
          <Button type="primary" loading={busy} onClick={() => void save()}>
            {t('campaign_save')}
          </Button>
        )}
      </footer>
    </div>
  );
}
