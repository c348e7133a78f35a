import { Segmented, Skeleton } from 'antd';
import { useCallback, useState } from 'react';
import type { Value } from '../api/campaign.ts';
import { contents } from '../api/content.ts';
import { Failure } from '../shell/Failure.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useSettled } from '../shell/useSettled.ts';
import { useWords } from '../words/words.tsx';
import { Phone } from './Phone.tsx';

interface Props {
  contentId: string;
  channels: readonly string[];
  arms?: readonly string[];
  /** A campaign's own; what is missing of them is shown as a gap. Without them, samples stand in. */
  values?: Readonly<Record<string, Value>>;
}

/** A kept content on each of its channels, as a client sees it. */
export function ContentPreview({ contentId, channels, arms = ['a'], values }: Props) {
  const { t, say } = useWords();
  const [wanted, setWanted] = useState(channels[0] ?? 'chat');
  const [arm, setArm] = useState(arms[0] ?? 'a');
  const channel = channels.includes(wanted) ? wanted : (channels[0] ?? 'chat');
  const own = useSettled(values && JSON.stringify(values));
  const load = useCallback(
    () =>
      own === undefined
        ? contents.previewKept(contentId, channel, 'zh', arm)
        : contents.previewCampaign(contentId, channel, arm, JSON.parse(own) as Record<string, Value>),
    [contentId, channel, arm, own],
  );
  const source = useLoad(load);
  return (
    <div className="preview">
      <div className="filters">
        <Segmented
          aria-label={t('menu_channels')}
          value={channel}
          options={channels.map((value) => ({ value, label: say('channel', value) }))}
          onChange={setWanted}
        />
        {arms.length > 1 && (
          <Segmented
            aria-label={t('campaign_arm')}
            value={arm}
            options={arms.map((value) => ({ value, label: value.toUpperCase() }))}
            onChange={setArm}
          />
        )}
      </div>
      {source.error !== null && !source.data && <Failure error={source.error} retry={() => void source.reload()} />}
      {source.error === null && !source.data && <Skeleton active />}
      {source.data && <Phone preview={source.data} />}
    </div>
  );
}
