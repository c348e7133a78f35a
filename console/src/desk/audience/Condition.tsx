import { InputNumber, Input, Select } from 'antd';
import type { Expression, Field } from '../api/audience.ts';
import { useWords } from '../words/words.tsx';
import type { Choices } from './Builder.tsx';
import { compareWith, findField, RISK_LEVELS, type Comparison } from './expression.ts';

interface Props<Leaf extends Expression> {
  leaf: Leaf;
  choices: Choices;
  onChange: (leaf: Expression) => void;
}

/** What a condition compares with what: the fields that its kind needs. */
export function Condition({ leaf, choices, onChange }: Props<Expression>) {
  switch (leaf.kind) {
    case 'profile':
    case 'tier':
      return <Compare leaf={leaf} choices={choices} onChange={onChange} />;
    case 'event':
      return <Often leaf={leaf} choices={choices} onChange={onChange} />;
    case 'tag':
      return <Tags leaf={leaf} choices={choices} onChange={onChange} />;
    case 'consent':
      return <Consents leaf={leaf} choices={choices} onChange={onChange} />;
    case 'channel':
      return <Reached leaf={leaf} choices={choices} onChange={onChange} />;
    case 'campaign':
      return <Campaigns leaf={leaf} choices={choices} onChange={onChange} />;
    default:
      return null;
  }
}

function Compare({ leaf, choices, onChange }: Props<Comparison>) {
  const { t, language } = useWords();
  const field = findField(choices.language, leaf.kind, leaf.field);
  const operators = (field?.is ?? [leaf.is]).map((is) => ({
    value: is,
    label: (choices.language.operators[is]?.[language] ?? is).replace('{}', '…').replace(/…$/, ''),
  }));
  return (
    <>
      <Select
        aria-label={t('audience_operator')}
        value={leaf.is}
        options={operators}
        popupMatchSelectWidth={false}
        onChange={(is) => onChange({ kind: leaf.kind, field: leaf.field, ...compareWith(field, is) })}
      />
      {leaf.is !== 'known' && leaf.is !== 'unknown' && (
        <ValueField leaf={leaf} field={field} onChange={(value) => onChange({ ...leaf, value })} />
      )}
    </>
  );
}

interface ValueProps {
  leaf: Comparison;
  field: Field | undefined;
  onChange: (value: unknown) => void;
}

function ValueField({ leaf, field, onChange }: ValueProps) {
  const { t, language } = useWords();
  const label = t('audience_value');
  if (['in', 'not_in', 'has_any', 'has_none'].includes(leaf.is)) {
    const value = Array.isArray(leaf.value) ? (leaf.value as string[]) : [];
    return (
      <Select
        mode="tags"
        className="words-field"
        aria-label={label}
        placeholder={t('audience_words')}
        value={value}
        options={(field?.words ?? []).map((one) => ({ value: one.word, label: one[language] }))}
        onChange={onChange}
      />
    );
  }
  if (['within', 'not_within', 'within_next'].includes(leaf.is))
    return <Days label={label} value={Number(leaf.value)} onChange={onChange} />;
  if (field?.type === 'level')
    return (
      <Select
        aria-label={label}
        value={String(leaf.value)}
        options={RISK_LEVELS.map((value) => ({ value, label: value }))}
        onChange={onChange}
      />
    );
  if (field?.type === 'day')
    return (
      <Input
        type="date"
        aria-label={label}
        value={String(leaf.value ?? '')}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  const percent = field?.unit === '%';
  const shown = typeof leaf.value === 'number' ? (percent ? Math.round(leaf.value * 10_000) / 100 : leaf.value) : null;
  return (
    <InputNumber<number>
      aria-label={label}
      className="figure-field"
      value={shown}
      suffix={percent ? '%' : field?.unit === 'CNY' ? t('yuan') : null}
      onChange={(value) => onChange(value === null ? null : percent ? value / 100 : value)}
    />
  );
}

function Days({ label, value, onChange }: { label: string; value: number; onChange: (days: number) => void }) {
  const { t } = useWords();
  return (
    <InputNumber<number>
      aria-label={label}
      className="days-field"
      min={1}
      max={3650}
      precision={0}
      value={value}
      suffix={t('days')}
      onChange={(days) => days && onChange(days)}
    />
  );
}

function Often({ leaf, onChange }: Props<Extract<Expression, { kind: 'event' }>>) {
  const { t } = useWords();
  return (
    <>
      <span>{t('audience_lately')}</span>
      <Days label={t('audience_days')} value={leaf.days} onChange={(days) => onChange({ ...leaf, days })} />
      <Select
        aria-label={t('audience_operator')}
        value={leaf.is}
        options={[
          { value: 'at_least', label: t('audience_atLeast') },
          { value: 'at_most', label: t('audience_atMost') },
        ]}
        onChange={(is) => onChange({ ...leaf, is, count: is === 'at_least' ? Math.max(1, leaf.count) : leaf.count })}
      />
      <InputNumber<number>
        aria-label={t('audience_count')}
        className="days-field"
        min={leaf.is === 'at_least' ? 1 : 0}
        max={10_000}
        precision={0}
        value={leaf.count}
        suffix={t('times')}
        onChange={(count) => count !== null && onChange({ ...leaf, count })}
      />
    </>
  );
}

function Tags({ leaf, onChange }: Props<Extract<Expression, { kind: 'tag' }>>) {
  const { t } = useWords();
  return (
    <Select
      mode="tags"
      className="words-field"
      aria-label={t('audience_value')}
      placeholder={t('audience_words')}
      value={leaf.any}
      onChange={(any: string[]) => onChange({ ...leaf, any })}
    />
  );
}

function Consents({ leaf, choices, onChange }: Props<Extract<Expression, { kind: 'consent' }>>) {
  const { t, language } = useWords();
  const channels = choices.language.channels.map((one) => ({ value: one.channel, label: one[language] }));
  return (
    <>
      <Select
        aria-label={t('menu_channels')}
        popupMatchSelectWidth={false}
        value={leaf.channel ?? ''}
        options={[{ value: '', label: t('audience_anyChannel') }, ...channels]}
        onChange={(channel) => onChange({ ...leaf, channel: channel || null })}
      />
      <Select
        aria-label={t('audience_operator')}
        popupMatchSelectWidth={false}
        value={leaf.is}
        options={(['yes', 'no', 'unsaid'] as const).map((value) => ({ value, label: t(`audience_consent_${value}`) }))}
        onChange={(is) => onChange({ ...leaf, is })}
      />
    </>
  );
}

function Reached({ leaf, choices, onChange }: Props<Extract<Expression, { kind: 'channel' }>>) {
  const { t, language } = useWords();
  return (
    <Select
      aria-label={t('audience_value')}
      popupMatchSelectWidth={false}
      value={leaf.channel}
      options={choices.language.channels.map((one) => ({ value: one.channel, label: one[language] }))}
      onChange={(channel) => onChange({ ...leaf, channel })}
    />
  );
}

function Campaigns({ leaf, choices, onChange }: Props<Extract<Expression, { kind: 'campaign' }>>) {
  const { t } = useWords();
  return (
    <>
      <Select
        className="words-field"
        aria-label={t('audience_campaign')}
        placeholder={t('audience_campaignPick')}
        value={leaf.campaign_id || null}
        showSearch={{ optionFilterProp: 'label' }}
        options={choices.campaigns.map((one) => ({ value: one.id, label: one.name }))}
        onChange={(campaign_id) => onChange({ ...leaf, campaign_id: campaign_id ?? '' })}
      />
      <Select
        aria-label={t('audience_operator')}
        value={leaf.is}
        options={(['planned', 'reached', 'clicked'] as const).map((value) => ({
          value,
          label: t(`audience_was_${value}`),
        }))}
        onChange={(is) => onChange({ ...leaf, is })}
      />
    </>
  );
}
