import { EditOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { Band, Layer, Reason, Rules, Span } from '../api/tier.ts';
import { useWords } from '../words/words.tsx';
import { figureOf } from './label.ts';
import { isPercent, SECTIONS, type Section } from './rules.ts';

interface Props {
  rules: Rules;
  version: number;
  onEdit: (section: Section) => void;
}

/** Every rule in words, part by part, each with the way to change it. */
export function RuleSheets({ rules, version, onEdit }: Props) {
  const { t, say } = useWords();
  return (
    <>
      <p className="quiet">{version === 0 ? t('tier_shipped') : t('tier_version', { n: version })}</p>
      <div className="rule-sheets">
        {SECTIONS.map((section) => (
          <section
            key={section}
            className={`sheet rule ${section}`}
            aria-label={say('tier_s', section)}
            data-section={section}
          >
            <header>
              <h2>{say('tier_s', section)}</h2>
              <Button
                size="small"
                icon={<EditOutlined />}
                aria-label={t('tier_editTitle', { section: say('tier_s', section) })}
                onClick={() => onEdit(section)}
              >
                {t('tier_edit')}
              </Button>
            </header>
            <p className="quiet small">{say('tier_s', `${section}_lead`)}</p>
            <Part section={section} rules={rules} />
          </section>
        ))}
      </div>
    </>
  );
}

function Part({ section, rules }: { section: Section; rules: Rules }) {
  switch (section) {
    case 'layers':
      return <Layers layers={rules.layers} />;
    case 'scores':
      return <Facts section={section} figures={rules.scores} />;
    case 'assets':
    case 'frequency':
      return <Bands bands={rules[section]} percent={false} />;
    case 'churn':
      return <Reasons reasons={rules.churn} />;
    case 'stage':
      return <Facts section={section} figures={rules.stage} />;
    case 'risk': {
      const { bands, levels, ...figures } = rules.risk;
      return (
        <>
          <Facts section={section} figures={{ ...levels, ...figures }} />
          <Bands bands={bands} percent={false} />
        </>
      );
    }
    case 'loyalty': {
      const { bands, ...figures } = rules.loyalty;
      return (
        <>
          <Facts section={section} figures={figures} />
          <Bands bands={bands} percent={false} />
        </>
      );
    }
    case 'credit': {
      const { risk, size, ...figures } = rules.credit;
      return (
        <>
          <Bands bands={risk} percent />
          <Bands bands={size} percent={false} />
          <Facts section={section} figures={figures} />
        </>
      );
    }
  }
}

function Layers({ layers }: { layers: readonly Layer[] }) {
  const { t, language } = useWords();
  return (
    <div className="layer-table" role="region" tabIndex={0} aria-label={t('tier_s_layers')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('tier_layer')}</th>
            {(['recency', 'frequency', 'monetary', 'churn_from'] as const).map((field) => (
              <th key={field} scope="col">
                {t(`tier_f_${field}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {layers.map((one, n) => (
            <tr key={one.name}>
              <th scope="row">{one[language]}</th>
              {n === layers.length - 1 ? (
                <td colSpan={4} className="quiet">
                  {t('tier_rest')}
                </td>
              ) : (
                <>
                  <SpanCell span={one.recency} />
                  <SpanCell span={one.frequency} />
                  <SpanCell span={one.monetary} />
                  <td>{one.churn_from > 0 ? figureOf(one.churn_from, true, { language }) : t('tier_any')}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SpanCell({ span: [low, high] }: { span: Span }) {
  const { t } = useWords();
  if (low === 1 && high === 5) return <td className="quiet">{t('tier_any')}</td>;
  return <td>{low === high ? low : t('tier_span', { low, high })}</td>;
}

/** Bands from the highest down; the lowest takes what is below. */
function Bands({ bands, percent }: { bands: readonly Band[]; percent: boolean }) {
  const { t, language } = useWords();
  return (
    <ul className="rows">
      {bands.map((one, n) => (
        <li key={one.name}>
          <span>{one[language]}</span>
          <span>
            {n === bands.length - 1 && one.at_least === 0
              ? t('tier_below')
              : t('tier_atLeast', { n: figureOf(one.at_least, percent, { language }) })}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  const { t, say, language } = useWords();
  return (
    <ul className="rows">
      {reasons.map((one) => (
        <li key={one.name}>
          <span>
            {one[language]}{' '}
            <small className="quiet">
              {say('tier_fig', one.figure)}{' '}
              {t('tier_atLeast', {
                n: figureOf(one.at_least, isPercent('churn', 'at_least', one.figure), { language }),
              })}
            </small>
          </span>
          <strong>+{figureOf(one.weight, true, { language })}</strong>
        </li>
      ))}
    </ul>
  );
}

function Facts({ section, figures }: { section: Section; figures: Readonly<Record<string, number | string>> }) {
  const { say, language } = useWords();
  return (
    <ul className="rows">
      {Object.entries(figures).map(([field, value]) => (
        <li key={field}>
          <span>{say('tier_f', field)}</span>
          <span>
            {typeof value === 'number'
              ? figureOf(value, isPercent(section, field), { language })
              : say('tier_fig', value)}
          </span>
        </li>
      ))}
    </ul>
  );
}
