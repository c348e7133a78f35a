import type { Insight } from '../api/insight.ts';
import { useWords } from '../words/words.tsx';
import { churnTone, figureOf, percent } from './picture.ts';

/** How likely the client leaves, and what speaks for it. */
export function ChurnSheet({ insight, riskLevel }: { insight: Insight; riskLevel: string | null }) {
  const words = useWords();
  const { t, say, language } = words;
  const { tier, why } = insight;
  if (!tier) return null;
  return (
    <section className="sheet" aria-label={t('picture_churn')}>
      <h2>
        {t('picture_churn')} <span className={churnTone(tier.churn_risk)}>{percent(tier.churn_risk)}</span>
      </h2>
      {tier.churn_reasons.length === 0 && <p className="quiet">{t('picture_noChurn')}</p>}
      <ul className="rows">
        {tier.churn_reasons.map((reason) => {
          const cause = why?.churn[reason.name];
          return (
            <li key={reason.name}>
              <span>{reason[language]}</span>
              {cause && (
                <span className="quiet">
                  {t('picture_figure', {
                    name: say('tier_fig', cause.figure),
                    value: figureOf(cause.figure, insight, riskLevel, words),
                  })}
                </span>
              )}
              {cause && <span>{t('picture_weight', { part: percent(cause.weight) })}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
