import { Drawer, Empty, Skeleton, Tag } from 'antd';
import { useCallback } from 'react';
import { insights, type Insight } from '../api/insight.ts';
import type { ClientCard } from '../api/types.ts';
import { Failure } from '../shell/Failure.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { ChurnSheet } from './ChurnSheet.tsx';
import { ConsentSheet } from './ConsentSheet.tsx';
import { churnTone, dayOf, percent } from './picture.ts';
import { TierSheet } from './TierSheet.tsx';
import { Timeline } from './Timeline.tsx';
import { ResponseSheet, WishSheet } from './WishSheet.tsx';

interface Props {
  card: ClientCard;
  open: boolean;
  onClose: () => void;
}

/** All that is known of a client on one page, beside the work at hand: Esc leads back to it. */
export function PictureDrawer({ card, open, onClose }: Props) {
  const { t } = useWords();
  return (
    <Drawer
      open={open}
      onClose={onClose}
      size={800}
      title={t('picture_of', { name: card.name || card.client_no })}
      destroyOnHidden
    >
      {open && <Inside card={card} />}
    </Drawer>
  );
}

function Inside({ card }: { card: ClientCard }) {
  const { data, error, reload } = useLoad(useCallback(() => insights.get(card.id), [card.id]));
  if (error !== null && !data) return <Failure error={error} retry={() => void reload()} />;
  if (!data) return <Skeleton active paragraph={{ rows: 12 }} />;
  return (
    <div className="stack picture">
      <Headline card={card} insight={data} />
      {data.tier && <TierSheet insight={data} riskLevel={card.risk_level} />}
      {data.tier && <ChurnSheet insight={data} riskLevel={card.risk_level} />}
      <ConsentSheet card={card} consents={data.consents} reload={reload} />
      <WishSheet card={card} preferences={data.preferences} reload={reload} />
      <ResponseSheet responses={data.responses} />
      <Tags tags={data.tags} />
      <div className="sheet">
        <Timeline clientId={card.id} />
      </div>
    </div>
  );
}

/** The three words that say most, or that there are none yet. */
function Headline({ card, insight: { tier } }: { card: ClientCard; insight: Insight }) {
  const { t, language } = useWords();
  if (!tier)
    return (
      <Empty
        className="sheet"
        image={Empty.PRESENTED_IMAGE_SIMPLE}
        description={
          <>
            <strong>{t('picture_noTier')}</strong>
            <br />
            {t('picture_noTierMore')}
          </>
        }
      />
    );
  const facts = [
    { label: t('picture_t_layer'), value: tier.layer[language] },
    { label: t('picture_t_stage'), value: tier.stage[language] },
    { label: t('card_risk_level'), value: [card.risk_level, tier.risk_band[language]].filter(Boolean).join(' · ') },
    { label: t('picture_churn'), value: percent(tier.churn_risk), tone: churnTone(tier.churn_risk) },
  ];
  return (
    <dl className="figures">
      {facts.map(({ label, value, tone }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <strong className={tone}>{value}</strong>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Tags({ tags }: { tags: Insight['tags'] }) {
  const { t, language } = useWords();
  return (
    <section className="sheet" aria-label={t('picture_tags')}>
      <h2>{t('picture_tags')}</h2>
      {tags.length === 0 && <p className="quiet">{t('picture_noTags')}</p>}
      <span className="tags">
        {tags.map(({ tag, expires_at: until }) => (
          <Tag key={tag}>
            {tag}
            {until && <small className="quiet"> {t('picture_until', { at: dayOf(until, language) })}</small>}
          </Tag>
        ))}
      </span>
    </section>
  );
}
