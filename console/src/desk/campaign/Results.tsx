import { Button, Empty, Table } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import type { CampaignInFull, Results } from '../api/campaign.ts';
import { count, money, share } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { sayGoal } from './CampaignPage.tsx';
import { Breakdown } from './Breakdown.tsx';
import { failedOf, isUnderWay, meantOf } from './campaign.ts';
import { Recipients } from './Recipients.tsx';

const FIGURES = ['sent', 'delivered', 'read', 'clicked', 'replied', 'unsubscribed', 'converted'] as const;
const STATES = [
  'queued',
  'sending',
  'accepted',
  'delivered',
  'read',
  'unknown',
  'rejected',
  'failed',
  'expired',
  'cancelled',
];

/** What came of a campaign: figures, channels, the test told honestly, and why others were not reached. */
export function ResultFigures({ campaign, results }: { campaign: CampaignInFull; results: Results }) {
  const { t, language } = useWords();
  const { counts } = results;
  const sent = counts['sent'] ?? 0;
  const figures = FIGURES.filter((name) => name in counts);
  return (
    <>
      <dl className="figures">
        <Figure
          name={t('figure_planned')}
          n={count(results.planned, language)}
          note={t('figure_meant', { n: count(meantOf(results), language) })}
        />
        <Figure name={t('figure_held')} n={count(counts['held'] ?? 0, language)} note={t('figure_heldNote')} />
        <Figure
          name={t('figure_suppressed')}
          n={count(counts['suppressed'] ?? 0, language)}
          note={t('figure_withheld', { n: count(counts['withheld'] ?? 0, language) })}
        />
        {figures.map((name) => (
          <Figure
            key={name}
            name={t(`figure_${name}`)}
            n={count(counts[name] ?? 0, language)}
            note={name === 'sent' ? share(sent, meantOf(results)) : share(counts[name] ?? 0, sent)}
          />
        ))}
        <Figure
          name={t('figure_cost')}
          n={results.cost === null ? '—' : money(results.cost, language)}
          note={results.cost === null ? t('figure_noPrice') : ''}
        />
      </dl>
      <Breakdown campaignId={campaign.id} isLive={isUnderWay(campaign.state)} />
      <div className="halves">
        <Channels results={results} />
        <Reasons campaign={campaign} results={results} />
      </div>
      <Test results={results} />
    </>
  );
}

function Figure({ name, n, note }: { name: string; n: string; note: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{n}</strong>
        <small className="quiet">{note}</small>
      </dd>
    </div>
  );
}

function Channels({ results }: { results: Results }) {
  const { t, say, language } = useWords();
  const states = STATES.filter((state) => results.channels.some((one) => one.counts[state]));
  return (
    <section className="sheet">
      <h2>{t('campaign_byChannel')}</h2>
      {results.channels.length === 0 ? (
        <p className="quiet">{t('campaign_noMessages')}</p>
      ) : (
        <Table
          size="small"
          rowKey="channel"
          pagination={false}
          scroll={{ x: 'max-content' }}
          dataSource={results.channels}
          columns={[
            { title: t('menu_channels'), render: (_, one) => say('channel', one.channel) },
            ...states.map((state) => ({
              title: say('delivery', state),
              align: 'right' as const,
              render: (_: unknown, one: Results['channels'][number]) => count(one.counts[state] ?? 0, language),
            })),
          ]}
        />
      )}
    </section>
  );
}

function Reasons({ campaign, results }: { campaign: CampaignInFull; results: Results }) {
  const { t, say, language } = useWords();
  const [open, setOpen] = useState<{ reason: string; title: string } | null>(null);
  const failed = failedOf(results);
  return (
    <section className="sheet">
      <div className="filters">
        <h2>{t('campaign_notReached')}</h2>
        <span className="gap" />
        {failed > 0 && (
          <Link to={`/campaigns/${campaign.id}/failures`}>{t('dead_open', { n: count(failed, language) })}</Link>
        )}
      </div>
      {results.reasons.length === 0 && (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('campaign_allReached')} />
      )}
      <ul className="rows">
        {results.reasons.map((one) => (
          <li key={`${one.state}/${one.reason}`}>
            <Button
              type="link"
              className="cell-link"
              onClick={() => setOpen({ reason: one.reason, title: one[language] })}
            >
              {one[language]}
            </Button>
            <span className="quiet">{say('recipient', one.state)}</span>
            <strong>{count(one.count, language)}</strong>
          </li>
        ))}
      </ul>
      <Recipients campaignId={campaign.id} asked={open} onClose={() => setOpen(null)} />
    </section>
  );
}

/** The arms side by side with how sure one can be; a difference that may be chance is called that. */
function Test({ results }: { results: Results }) {
  const { t, language } = useWords();
  const { arms, comparisons, goal } = results.test;
  if (arms.length < 2) return null;
  const most = Math.max(...arms.map((one) => one.high ?? 0), 0.0001);
  const percent = (rate: number | null): string => (rate === null ? '—' : `${(rate * 100).toFixed(2)}%`);
  return (
    <section className="sheet" aria-label={t('campaign_arms')}>
      <h2>
        {t('campaign_testOf')} <small className="quiet">{sayGoal(goal, t)}</small>
      </h2>
      <ul className="arms">
        {arms.map((one) => (
          <li key={one.arm}>
            <strong>{one.arm === 'hold_out' ? t('campaign_holdOut') : one.arm.toUpperCase()}</strong>
            <span className="interval" aria-hidden="true">
              <i
                style={{
                  left: `${((one.low ?? 0) / most) * 100}%`,
                  width: `${(((one.high ?? 0) - (one.low ?? 0)) / most) * 100}%`,
                }}
              />
              <b style={{ left: `${((one.rate ?? 0) / most) * 100}%` }} />
            </span>
            <span>
              {percent(one.rate)}{' '}
              <small className="quiet">
                {t('campaign_interval', {
                  low: percent(one.low),
                  high: percent(one.high),
                  hits: count(one.hits, language),
                  n: count(one.n, language),
                })}
              </small>
            </span>
          </li>
        ))}
      </ul>
      {comparisons.map((one) => (
        <p key={`${one.one}/${one.other}`} className={one.is_chance ? 'quiet' : 'good'}>
          {one[language]}
        </p>
      ))}
    </section>
  );
}
