import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, InputNumber, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import type { Band, Layer, Named, Reason, Span } from '../api/tier.ts';
import { useWords } from '../words/words.tsx';
import { toPercent } from './label.ts';
import { freeCode, isPercent, moved, WHOLE, withEntry, without } from './rules.ts';

const MOST = 30;
const SCORES = [1, 2, 3, 4, 5].map((value) => ({ value, label: String(value) }));
const FIGURES = ['silent_days', 'drawdown', 'complaints_90d', 'margin_usage', 'unfunded_days'];

interface NumberProps {
  label: string;
  value: number;
  percent: boolean;
  onChange: (value: number) => void;
}

/** A figure of the rules; a part of one is written in percent. An empty field is no number until it is filled. */
export function NumberField({ label, value, percent, onChange }: NumberProps) {
  return (
    <label className="labelled">
      <span className="label">{label}</span>
      <InputNumber
        min={0}
        max={percent ? 100 : 1e15}
        value={Number.isNaN(value) ? null : percent ? toPercent(value) : value}
        suffix={percent ? '%' : undefined}
        onChange={(given) => onChange(given === null ? NaN : percent ? Math.round(given * 10) / 1000 : given)}
      />
    </label>
  );
}

interface ListProps<One extends Named> {
  list: readonly One[];
  /** The codes that are kept already: they stay as they are. */
  known: readonly string[];
  addWord: 'tier_addLayer' | 'tier_addBand' | 'tier_addReason';
  fresh: Omit<One, keyof Named>;
  /** New ones go above the last. */
  isLastKept: boolean;
  onChange: (list: One[]) => void;
  children: (one: One, change: (part: Partial<One>) => void, n: number) => ReactNode;
}

/** A list of named things: in their order, to be moved, added and taken out with the keyboard alone. */
function EntryList<One extends Named>(props: ListProps<One>) {
  const { list, known, addWord, fresh, isLastKept, onChange, children } = props;
  const { t, language } = useWords();
  // A code may be rewritten while the entry keeps its place under the hands: what it began as tells it apart.
  const [keys, setKeys] = useState(() => list.map(({ name }) => name));
  const reorder = (change: <Item>(items: readonly Item[]) => Item[]): void => {
    setKeys(change);
    onChange(change(list));
  };
  const move = (at: number, by: number, button: HTMLElement): void => {
    reorder((items) => moved(items, at, by));
    requestAnimationFrame(() => button.focus());
  };
  const add = (): void => {
    const name = freeCode(list, { tier_addLayer: 'layer', tier_addBand: 'band', tier_addReason: 'reason' }[addWord]);
    const one = { ...fresh, name, zh: '', en: '' } as unknown as One;
    const at = isLastKept ? list.length - 1 : list.length;
    setKeys([...keys.slice(0, at), name, ...keys.slice(at)]);
    onChange([...list.slice(0, at), one, ...list.slice(at)]);
  };
  return (
    <div className="stack">
      {list.map((one, n) => (
        <fieldset key={keys[n]} className="entry-fields" data-entry={one.name}>
          <legend>{one[language] || t('tier_newName')}</legend>
          <div className="entry-tools">
            <Button
              size="small"
              type="text"
              icon={<ArrowUpOutlined />}
              disabled={n === 0}
              aria-label={t('tier_up', { name: one[language] })}
              onClick={(event) => move(n, -1, event.currentTarget)}
            />
            <Button
              size="small"
              type="text"
              icon={<ArrowDownOutlined />}
              disabled={n === list.length - 1}
              aria-label={t('tier_down', { name: one[language] })}
              onClick={(event) => move(n, 1, event.currentTarget)}
            />
            <Button
              size="small"
              type="text"
              icon={<DeleteOutlined />}
              disabled={list.length <= 1}
              aria-label={t('tier_drop', { name: one[language] })}
              onClick={() => reorder((items) => without(items, n))}
            />
          </div>
          <div className="columns">
            {(['zh', 'en', 'name'] as const).map((field) => (
              <label key={field} className="labelled">
                <span className="label">{t(`tier_f_${field}`)}</span>
                <Input
                  value={one[field]}
                  maxLength={field === 'name' ? 40 : 60}
                  disabled={field === 'name' && known.includes(one.name)}
                  onChange={(event) => onChange(withEntry(list, n, { [field]: event.target.value } as Partial<One>))}
                />
              </label>
            ))}
            {children(one, (part) => onChange(withEntry(list, n, part)), n)}
          </div>
        </fieldset>
      ))}
      <Button icon={<PlusOutlined />} disabled={list.length >= MOST} onClick={add}>
        {t(addWord)}
      </Button>
      <p className="quiet small">{t('tier_codeHint')}</p>
    </div>
  );
}

interface Of<One> {
  list: readonly One[];
  known: readonly string[];
  onChange: (list: One[]) => void;
}

export function LayerFields({ list, known, onChange }: Of<Layer>) {
  const { t } = useWords();
  const fresh = { recency: WHOLE, frequency: WHOLE, monetary: WHOLE, churn_from: 0 };
  return (
    <EntryList list={list} known={known} addWord="tier_addLayer" fresh={fresh} isLastKept onChange={onChange}>
      {(one, change) => (
        <>
          {(['recency', 'frequency', 'monetary'] as const).map((field) => (
            <SpanFields
              key={field}
              label={t(`tier_f_${field}`)}
              span={one[field]}
              onChange={(span) => change({ [field]: span })}
            />
          ))}
          <NumberField
            label={t('tier_f_churn_from')}
            value={one.churn_from}
            percent
            onChange={(value) => change({ churn_from: value })}
          />
        </>
      )}
    </EntryList>
  );
}

function SpanFields({
  label,
  span: [low, high],
  onChange,
}: {
  label: string;
  span: Span;
  onChange: (span: Span) => void;
}) {
  const { t } = useWords();
  return (
    <div className="labelled">
      <span className="label">{label}</span>
      <span className="span-fields">
        <Select
          aria-label={`${label} ${t('tier_from')}`}
          value={low}
          options={SCORES}
          onChange={(to: number) => onChange([to, Math.max(to, high)])}
        />
        –
        <Select
          aria-label={`${label} ${t('tier_to')}`}
          value={high}
          options={SCORES}
          onChange={(to: number) => onChange([Math.min(low, to), to])}
        />
      </span>
    </div>
  );
}

export function BandFields({ list, known, percent, onChange }: Of<Band> & { percent: boolean }) {
  const { t } = useWords();
  return (
    <EntryList
      list={list}
      known={known}
      addWord="tier_addBand"
      fresh={{ at_least: NaN }}
      isLastKept
      onChange={onChange}
    >
      {(one, change) => (
        <NumberField
          label={t('tier_f_at_least')}
          value={one.at_least}
          percent={percent}
          onChange={(value) => change({ at_least: value })}
        />
      )}
    </EntryList>
  );
}

export function ReasonFields({ list, known, onChange }: Of<Reason>) {
  const { t, say } = useWords();
  const options = FIGURES.map((value) => ({ value, label: say('tier_fig', value) }));
  const fresh = { figure: 'silent_days', at_least: NaN, weight: NaN };
  return (
    <EntryList list={list} known={known} addWord="tier_addReason" fresh={fresh} isLastKept={false} onChange={onChange}>
      {(one, change) => (
        <>
          <label className="labelled">
            <span className="label">{t('tier_f_figure')}</span>
            <Select
              value={one.figure}
              options={options}
              onChange={(figure: string) => change({ figure, at_least: NaN })}
            />
          </label>
          <NumberField
            label={t('tier_f_at_least')}
            value={one.at_least}
            percent={isPercent('churn', 'at_least', one.figure)}
            onChange={(value) => change({ at_least: value })}
          />
          <NumberField
            label={t('tier_f_weight')}
            value={one.weight}
            percent
            onChange={(value) => change({ weight: value })}
          />
        </>
      )}
    </EntryList>
  );
}
