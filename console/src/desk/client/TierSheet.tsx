import { shortMoment } from '../../shared/moment.ts';
import type { Insight } from '../api/insight.ts';
import { useWords } from '../words/words.tsx';
import { CREDITS, figureOf, TIERS } from './picture.ts';

/** Every tier of a client with the rule that led there and the figures that it reads. */
export function TierSheet({ insight, riskLevel }: { insight: Insight; riskLevel: string | null }) {
  const { t, language } = useWords();
  const { tier } = insight;
  if (!tier) return null;
  const shown = [...TIERS, ...CREDITS].filter((name) => tier[name]);
  return (
    <section className="sheet" aria-label={t('picture_tiers')}>
      <h2>{t('picture_tiers')}</h2>
      <div className="layer-table" tabIndex={0} role="group" aria-label={t('picture_tiers')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('picture_what')}</th>
              <th scope="col">{t('picture_is')}</th>
              <th scope="col">{t('picture_rule')}</th>
              <th scope="col">{t('picture_figures')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((name) => (
              <tr key={name} data-tier={name}>
                <th scope="row">{t(`picture_t_${name}`)}</th>
                <td>
                  <strong>{tier[name]?.[language]}</strong>
                </td>
                <td>{insight.why?.tiers[name]?.[language] ?? <span className="warn">{t('picture_gone')}</span>}</td>
                <td>
                  <Figures names={insight.why?.tiers[name]?.figures ?? []} insight={insight} riskLevel={riskLevel} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet small">
        {!tier.credit_risk && `${t('picture_noCredit')} `}
        {t('picture_computed', { at: shortMoment(tier.computed_at, language) })}
      </p>
    </section>
  );
}

function Figures({ names, insight, riskLevel }: { names: string[]; insight: Insight; riskLevel: string | null }) {
  const words = useWords();
  return (
    <ul className="figure-list">
      {names.map((name) => (
        <li key={name}>
          <span className="quiet">{words.say('tier_fig', name)}</span> {figureOf(name, insight, riskLevel, words)}
        </li>
      ))}
    </ul>
  );
}
