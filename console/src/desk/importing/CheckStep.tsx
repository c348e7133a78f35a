import { DownloadOutlined } from '@ant-design/icons';
import { Alert, App, Button, Table } from 'antd';
import { useState, type ReactNode } from 'react';
import { imports, type Check, type Done, type Flaw } from '../api/importing.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';

interface Props {
  id: string;
  check: Check;
  onBack: () => void;
  onDone: (done: Done) => void;
  cancel: ReactNode;
}

/** What an import would do, and the first rows that cannot be taken; nothing is written before a person says so. */
export function CheckStep({ id, check, onBack, onDone, cancel }: Props) {
  const { t, language, explain } = useWords();
  const { modal } = App.useApp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const n = (value: number): string => count(value, language);
  const write = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      onDone(await imports.run(id));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const ask = (): void => {
    modal.confirm({
      title: t('import_runTitle', { n: n(check.good) }),
      content: t('import_runSure', { added: n(check.new), known: n(check.known), bad: n(check.bad) }),
      okText: t('import_run', { n: n(check.good) }),
      cancelText: t('back'),
      onOk: () => void write(),
    });
  };
  return (
    <>
      <dl className="figures" data-testid="import-check">
        {(['rows', 'new', 'known', 'bad'] as const).map((name) => (
          <div key={name}>
            <dt>{t(`import_count_${name}`)}</dt>
            <dd>
              <strong className={name === 'bad' && check.bad > 0 ? 'bad' : ''}>{n(check[name])}</strong>
            </dd>
          </div>
        ))}
      </dl>
      {check.bad === 0 && <Alert type="success" showIcon title={t('import_allGood')} />}
      {check.good === 0 && <Alert type="error" showIcon title={t('import_noneGood')} />}
      {check.bad > 0 && <Flaws id={id} check={check} />}
      <div aria-live="polite" className="stack">
        {error !== null && <Alert type="error" showIcon title={explain(error)} />}
        {busy && <Alert type="info" showIcon title={t('import_writing')} />}
      </div>
      <div className="wizard-foot">
        <Button type="primary" loading={busy} disabled={check.good === 0} onClick={ask}>
          {t('import_run', { n: n(check.good) })}
        </Button>
        <Button disabled={busy} onClick={onBack}>
          {t('import_remap')}
        </Button>
        {!busy && cancel}
      </div>
    </>
  );
}

function Flaws({ id, check }: { id: string; check: Check }) {
  const { t, language } = useWords();
  return (
    <section className="stack" aria-label={t('import_flaws')}>
      <div className="month-head">
        <h2 className="sheet-title">{t('import_flaws')}</h2>
        <ErrorFile id={id} />
      </div>
      <Table<Flaw>
        rowKey={(one) => `${one.row} ${one.column} ${one.en}`}
        size="small"
        pagination={false}
        scroll={{ x: 520 }}
        dataSource={check.flaws}
        columns={[
          { title: t('import_flaw_row'), width: 90, dataIndex: 'row' },
          { title: t('import_flaw_column'), width: 180, dataIndex: 'column' },
          { title: t('import_flaw_why'), render: (_, one) => one[language] },
        ]}
      />
      {check.bad > check.flaws.length && (
        <p className="quiet small">{t('import_flawsMore', { n: check.flaws.length })}</p>
      )}
    </section>
  );
}

/** The rows that cannot be taken and why, as a file for Excel. */
export function ErrorFile({ id }: { id: string }) {
  const { t } = useWords();
  return (
    <Button icon={<DownloadOutlined />} href={imports.errorsAddress(id)} download>
      {t('import_errors')}
    </Button>
  );
}
