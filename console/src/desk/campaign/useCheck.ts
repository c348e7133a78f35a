import { useEffect, useState } from 'react';
import { campaigns, type CampaignDraft, type Checked } from '../api/campaign.ts';
import { useSettled } from '../shell/useSettled.ts';
import type { StepName } from './draft.ts';
import { toAsk } from './value.ts';

/** What the service says of a draft whenever it rests; the last answer stays until the next. */
export function useCheck(draft: CampaignDraft, step: StepName): Checked | null {
  const asked = useSettled(draft.content_id ? JSON.stringify(toAsk(draft, step)) : '');
  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    if (!asked) return undefined;
    let isWanted = true;
    campaigns.check(JSON.parse(asked) as ReturnType<typeof toAsk>).then(
      (answer) => isWanted && setChecked(answer),
      () => undefined, // what cannot be checked on the way is checked when it is saved
    );
    return () => {
      isWanted = false;
    };
  }, [asked]);
  return checked;
}
