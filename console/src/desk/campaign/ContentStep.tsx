import { Empty, Radio, Tag } from 'antd';
import { Link } from 'react-router';
import type { Checked } from '../api/campaign.ts';
import { ContentPreview } from '../content/ContentPreview.tsx';
import { useWords } from '../words/words.tsx';
import type { StepProps } from './CampaignEditor.tsx';
import { ValueFields } from './ValueFields.tsx';

/** Choose one of the approved contents and see it as clients will. */
export function ContentStep({ draft, stock, checked, change }: StepProps & { checked: Checked | null }) {
  const { t, say } = useWords();
  const chosen = stock.contents.find((one) => one.id === draft.content_id);
  const choose = (id: string): void => {
    const found = stock.contents.find((one) => one.id === id);
    change({ content_id: id, channels: draft.channels.filter((channel) => found?.channels.includes(channel)) });
  };
  if (stock.contents.length === 0)
    return (
      <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('campaign_noContent')}>
        <Link to="/contents">{t('contents')}</Link>
      </Empty>
    );
  return (
    <div className="halves">
      <div className="sheet">
        <h2>{t('campaign_pickContent')}</h2>
        <Radio.Group
          className="content-choice"
          value={draft.content_id}
          onChange={(event) => choose(String(event.target.value))}
        >
          {stock.contents.map((one) => (
            <Radio key={one.id} value={one.id}>
              <span>{one.title}</span>{' '}
              <span className="tags">
                <Tag>{say('category', one.category)}</Tag>
                {one.min_risk && <Tag color="orange">{t('content_minRisk', { level: one.min_risk })}</Tag>}
              </span>
              <small className="quiet">{one.channels.map((channel) => say('channel', channel)).join(t('comma'))}</small>
            </Radio>
          ))}
        </Radio.Group>
      </div>
      <div className="stack">
        {chosen && (
          <ValueFields
            key={chosen.id}
            values={draft.values}
            checked={checked}
            change={(values) => change({ values })}
          />
        )}
        <div className="sheet">
          <h2>{t('preview')}</h2>
          {chosen ? (
            <ContentPreview key={chosen.id} contentId={chosen.id} channels={chosen.channels} values={draft.values} />
          ) : (
            <p className="quiet">{t('campaign_pickFirst')}</p>
          )}
        </div>
      </div>
    </div>
  );
}
