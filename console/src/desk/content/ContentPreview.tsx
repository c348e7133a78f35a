import { Segmented, Skeleton } from 'antd';
import { useCallback, useState } from 'react';
import { contents } from '../api/content.ts';
import { Failure } from '../shell/Failure.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { Phone } from './Phone.tsx';

interface Props {
  contentId: string;
  channels: readonly string[];
  arms?: readonly string[];
}

/** A kept content on each of its channels, as a client sees it. */
export function ContentPreview({ contentId, channels, arms = ['a'] }: Props) {
  const { t, say } = useWords();
  const [wanted, setWanted] = useState(channels[0] ?? 'chat');
  const [arm, setArm] = useState(arms[0] ?? 'a');
  const channel = channels.includes(wanted) ? wanted : (channels[0] ?? 'chat');
  const load = useCallback(() => contents.previewKept(contentId, channel, 'zh', arm), [contentId, channel, arm]);
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
