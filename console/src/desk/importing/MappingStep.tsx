import { Alert, Button, Select, Tag } from 'antd';
import { useState, type ReactNode } from 'react';
import { imports, type Check, type Column, type Look, type Mapping } from '../api/importing.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { problemsOf, samplesOf, withColumn } from './mapping.ts';

interface Props {
  look: Look;
  columns: Column[];
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
  onChecked: (check: Check) => void;
  cancel: ReactNode;
}

/** What each column of the file is: as it was guessed, with samples, to be put right. */
export function MappingStep({ look, columns, mapping, onChange, onChecked, cancel }: Props) {
  const { t, language, explain } = useWords();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const problems = problemsOf(mapping, columns);
  const tryOut = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      onChecked(await imports.check(look.id, mapping));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const n = Object.keys(mapping).length;
  return (
    <>
      <p className="quiet">{t('import_mapLead', { rows: count(look.rows, language) })}</p>
      <div className="sheet mapping" role="region" aria-label={t('import_step_map')}>
        <table>
          <thead>
            <tr>
              {(['header', 'sample', 'column'] as const).map((name) => (
                <th key={name} scope="col">
                  {t(`import_${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {look.header.map((header) => (
              <HeaderRow
                key={header}
                header={header}
                look={look}
                columns={columns}
                column={mapping[header] ?? null}
                onChoose={(column) => onChange(withColumn(mapping, header, column))}
              />
            ))}
          </tbody>
        </table>
      </div>
      <div aria-live="polite" className="stack">
        {problems.map(({ word, column }) => (
          <Alert key={column.name} type="warning" showIcon title={t(word, { name: column[language] })} />
        ))}
        {error !== null && <Alert type="error" showIcon title={explain(error)} />}
        {busy && <Alert type="info" showIcon title={t('import_trying')} />}
      </div>
      <div className="wizard-foot">
        <Button type="primary" loading={busy} disabled={problems.length > 0} onClick={() => void tryOut()}>
          {t('import_tryOut')}
        </Button>
        {cancel}
        <span className="quiet foot-note">{t('import_mapped', { n, skipped: look.header.length - n })}</span>
      </div>
    </>
  );
}

interface RowProps {
  header: string;
  look: Look;
  columns: Column[];
  column: string | null;
  onChoose: (column: string | null) => void;
}

function HeaderRow({ header, look, columns, column, onChoose }: RowProps) {
  const { t, language } = useWords();
  const samples = samplesOf(look, header);
  const known = columns.find((one) => one.name === column);
  const options = columns.map((one) => ({ value: one.name, label: one[language] }));
  return (
    <tr data-header={header}>
      <th scope="row">{header}</th>
      <td>
        {samples.length === 0 && <small className="quiet">{t('import_emptySample')}</small>}
        {samples.map((one) => (
          <code key={one}>{one}</code>
        ))}
      </td>
      <td>
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          aria-label={`${header} ${t('import_column')}`}
          placeholder={t('import_skip')}
          value={column}
          options={options}
          onChange={(chosen: string | undefined) => onChoose(chosen ?? null)}
        />
        {known?.needed && <Tag color="blue">{t('import_needed')}</Tag>}
      </td>
    </tr>
  );
}
