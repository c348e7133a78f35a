import { Input } from 'antd';
import type { Blank, CampaignDraft, Checked, ValueKind } from '../api/campaign.ts';
import { useWords } from '../words/words.tsx';
import { Labelled } from './Labelled.tsx';
import { askedOf, ofClientIn, readValue, showValue, withValue } from './value.ts';

interface Props {
  values: CampaignDraft['values'];
  checked: Checked | null;
  change: (values: CampaignDraft['values']) => void;
}

/** The fields of the content that the campaign says itself, exactly those that the content names. */
export function ValueFields({ values, checked, change }: Props) {
  const { t, language } = useWords();
  const asked = askedOf(checked);
  const ofClient = ofClientIn(checked);
  if (asked.length === 0 && ofClient.length === 0) return null;
  return (
    <div className="sheet form" role="group" aria-label={t('campaign_values')}>
      <h2>{t('campaign_values')}</h2>
      {asked.length > 0 && <p className="quiet">{t('campaign_valuesLead')}</p>}
      {asked.map((one) => (
        <ValueField
          key={one.name}
          blank={one}
          typed={showValue(one.kind, values[one.name])}
          type={(typed) => change(withValue(values, one.name, readValue(one.kind, typed)))}
        />
      ))}
      {ofClient.length > 0 && (
        <p className="quiet">
          {t('campaign_ofClient', { fields: ofClient.map((one) => one[language]).join(t('comma')) })}
        </p>
      )}
    </div>
  );
}

const TYPES: Readonly<Partial<Record<ValueKind, string>>> = {
  number: 'number',
  moment: 'datetime-local',
  day: 'date',
  address: 'url',
};

function ValueField({ blank, typed, type }: { blank: Blank; typed: string; type: (typed: string) => void }) {
  const { t, language } = useWords();
  const label = blank[language];
  const hint = t(blank.is_needed ? 'campaign_valueNeeded' : 'campaign_valueOptional', { field: blank.name });
  if (blank.kind === 'lines')
    return (
      <Labelled label={label} hint={`${hint}${t('campaign_valueLines')}`}>
        <Input.TextArea
          aria-label={label}
          autoSize={{ minRows: 2, maxRows: 8 }}
          defaultValue={typed}
          onChange={(event) => type(event.target.value)}
        />
      </Labelled>
    );
  return (
    <Labelled label={label} hint={hint}>
      <Input
        aria-label={label}
        aria-required={blank.is_needed}
        type={TYPES[blank.kind] ?? 'text'}
        maxLength={500}
        value={typed}
        placeholder={blank.kind === 'address' ? 'https://' : ''}
        onChange={(event) => type(event.target.value)}
      />
    </Labelled>
  );
}
