import { Select } from 'antd';
import type { Named, Rules } from '../api/tier.ts';
import { useWords } from '../words/words.tsx';
import { BandFields, LayerFields, NumberField, ReasonFields } from './Fields.tsx';
import { isPercent, type Section } from './rules.ts';

const CHOICES: Readonly<Record<keyof Rules['scores'], readonly string[]>> = {
  recency: ['last_trade_at', 'last_active_at'],
  frequency: ['trades_90d', 'turnover_90d'],
  monetary: ['assets', 'turnover_90d'],
};

interface Props {
  section: Section;
  /** The rules as they are being written, and as they were. */
  draft: Rules;
  base: Rules;
  onChange: (draft: Rules) => void;
}

const codes = (list: readonly Named[]): string[] => list.map(({ name }) => name);

/** The fields of one part of the rules. */
export function SectionFields({ section, draft, base, onChange }: Props) {
  const put = <Key extends Section>(key: Key, part: Rules[Key]): void => onChange({ ...draft, [key]: part });
  switch (section) {
    case 'layers':
      return <LayerFields list={draft.layers} known={codes(base.layers)} onChange={(list) => put('layers', list)} />;
    case 'churn':
      return <ReasonFields list={draft.churn} known={codes(base.churn)} onChange={(list) => put('churn', list)} />;
    case 'assets':
    case 'frequency':
      return (
        <BandFields
          list={draft[section]}
          known={codes(base[section])}
          percent={false}
          onChange={(list) => put(section, list)}
        />
      );
    case 'scores':
      return <ScoreFields scores={draft.scores} onChange={(scores) => put('scores', scores)} />;
    case 'stage':
      return (
        <Numbers
          section={section}
          figures={draft.stage}
          onChange={(part) => put('stage', { ...draft.stage, ...part })}
        />
      );
    case 'risk':
      return <RiskFields draft={draft.risk} base={base.risk} onChange={(risk) => put('risk', risk)} />;
    case 'loyalty': {
      const { bands, ...figures } = draft.loyalty;
      return (
        <>
          <Numbers
            section={section}
            figures={figures}
            onChange={(part) => put('loyalty', { ...draft.loyalty, ...part })}
          />
          <BandFields
            list={bands}
            known={codes(base.loyalty.bands)}
            percent={false}
            onChange={(list) => put('loyalty', { ...draft.loyalty, bands: list })}
          />
        </>
      );
    }
    case 'credit':
      return <CreditFields draft={draft.credit} base={base.credit} onChange={(credit) => put('credit', credit)} />;
  }
}

interface Part<Of> {
  draft: Of;
  base: Of;
  onChange: (draft: Of) => void;
}

function RiskFields({ draft, base, onChange }: Part<Rules['risk']>) {
  const { bands, levels, ...figures } = draft;
  return (
    <>
      <Numbers
        section="risk"
        figures={levels}
        onChange={(part) => onChange({ ...draft, levels: { ...levels, ...part } })}
      />
      <Numbers section="risk" figures={figures} onChange={(part) => onChange({ ...draft, ...part })} />
      <BandFields
        list={bands}
        known={codes(base.bands)}
        percent={false}
        onChange={(list) => onChange({ ...draft, bands: list })}
      />
    </>
  );
}

function CreditFields({ draft, base, onChange }: Part<Rules['credit']>) {
  const { t } = useWords();
  const { risk, size, ...figures } = draft;
  return (
    <>
      <h3>{t('tier_f_risk')}</h3>
      <BandFields
        list={risk}
        known={codes(base.risk)}
        percent
        onChange={(list) => onChange({ ...draft, risk: list })}
      />
      <h3>{t('tier_f_size')}</h3>
      <BandFields
        list={size}
        known={codes(base.size)}
        percent={false}
        onChange={(list) => onChange({ ...draft, size: list })}
      />
      <Numbers section="credit" figures={figures} onChange={(part) => onChange({ ...draft, ...part })} />
    </>
  );
}

interface NumbersProps {
  section: Section;
  figures: Readonly<Record<string, number>>;
  onChange: (part: Record<string, number>) => void;
}

function Numbers({ section, figures, onChange }: NumbersProps) {
  const { say } = useWords();
  return (
    <div className="columns wide">
      {Object.entries(figures).map(([field, value]) => (
        <NumberField
          key={field}
          label={say('tier_f', field)}
          value={value}
          percent={isPercent(section, field)}
          onChange={(given) => onChange({ [field]: given })}
        />
      ))}
    </div>
  );
}

function ScoreFields({ scores, onChange }: { scores: Rules['scores']; onChange: (scores: Rules['scores']) => void }) {
  const { t, say } = useWords();
  return (
    <div className="columns wide">
      {(Object.keys(CHOICES) as (keyof typeof CHOICES)[]).map((field) => (
        <label key={field} className="labelled">
          <span className="label">{t(`tier_f_${field}`)}</span>
          <Select
            value={scores[field]}
            options={CHOICES[field].map((value) => ({ value, label: say('tier_fig', value) }))}
            onChange={(value: string) => onChange({ ...scores, [field]: value })}
          />
        </label>
      ))}
    </div>
  );
}
