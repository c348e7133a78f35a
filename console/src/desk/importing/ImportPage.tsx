import { App, Button, Result, Steps } from 'antd';
import { useCallback, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import {
  imports,
  type Check,
  type ClientImport,
  type Column,
  type Done,
  type Look,
  type Mapping,
} from '../api/importing.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { CheckStep, ErrorFile } from './CheckStep.tsx';
import { MappingStep } from './MappingStep.tsx';

interface Seen {
  import: ClientImport;
  look: Look | null;
  columns: Column[];
}

type Stage = { name: 'map' } | { name: 'check'; check: Check } | { name: 'done'; check: Check; done: Done };

const STEPS = ['file', 'map', 'check', 'done'] as const;

/** One file of clients, from its columns to what was written. */
export function ImportPage() {
  const { t } = useWords();
  const { importId = '' } = useParams();
  const load = useCallback(async (): Promise<Seen> => {
    const [found, list] = await Promise.all([imports.get(importId), imports.list()]);
    return { ...found, columns: list.columns };
  }, [importId]);
  const source = useLoad(load);
  return (
    <Page
      title={source.data?.import.file_name ?? t('imports')}
      lead={<Link to="/book/imports">← {t('import_back')}</Link>}
      source={source}
    >
      {(data) =>
        data.look ? <Wizard key={data.look.id} look={data.look} columns={data.columns} /> : <Ended one={data.import} />
      }
    </Page>
  );
}

function Wizard({ look, columns }: { look: Look; columns: Column[] }) {
  const { t } = useWords();
  const [stage, setStage] = useState<Stage>({ name: 'map' });
  const [mapping, setMapping] = useState<Mapping>(look.mapping);
  const items = STEPS.map((step) => ({ title: t(`import_step_${step}`) }));
  return (
    <div className="wizard">
      <Steps size="small" current={STEPS.indexOf(stage.name)} items={items} />
      {stage.name === 'map' && (
        <MappingStep
          look={look}
          columns={columns}
          mapping={mapping}
          onChange={setMapping}
          onChecked={(check) => setStage({ name: 'check', check })}
          cancel={<Cancel id={look.id} />}
        />
      )}
      {stage.name === 'check' && (
        <CheckStep
          id={look.id}
          check={stage.check}
          onBack={() => setStage({ name: 'map' })}
          onDone={(done) => setStage({ name: 'done', check: stage.check, done })}
          cancel={<Cancel id={look.id} />}
        />
      )}
      {stage.name === 'done' && <Finished id={look.id} done={stage.done} bad={stage.check.bad} />}
    </div>
  );
}

function Cancel({ id }: { id: string }) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const go = useNavigate();
  const { run } = useDeed(async () => undefined);
  const ask = (): void => {
    modal.confirm({
      title: t('import_cancel'),
      content: t('import_cancelSure'),
      okText: t('import_cancel'),
      okButtonProps: { danger: true },
      cancelText: t('back'),
      onOk: async () => {
        if (await run(() => imports.cancel(id), t('import_cancelled'))) void go('/book/imports');
      },
    });
  };
  return (
    <Button danger onClick={ask}>
      {t('import_cancel')}
    </Button>
  );
}

function Finished({ id, done, bad }: { id: string; done: Done; bad: number }) {
  const { t, language } = useWords();
  const n = (value: number): string => count(value, language);
  return (
    <Result
      status="success"
      title={t('import_done')}
      subTitle={
        <>
          <p>
            {t('import_doneMore', { clients: n(done.clients), added: n(done.new), known: n(done.clients - done.new) })}
          </p>
          {done.taken > 0 && (
            <p>
              {t('import_doneTaken', { n: n(done.taken) })} <Link to="/book/merges">{t('import_toMerges')}</Link>
            </p>
          )}
          {bad > 0 && <p>{t('import_doneBad', { bad: n(bad) })}</p>}
          <p>{t('import_doneTiers')}</p>
        </>
      }
      extra={[
        <Link key="again" to="/book/imports">
          <Button type="primary">{t('import_another')}</Button>
        </Link>,
        ...(bad > 0 ? [<ErrorFile key="errors" id={id} />] : []),
        <Link key="tiers" to="/book/tiers">
          <Button>{t('import_toTiers')}</Button>
        </Link>,
      ]}
    />
  );
}

function Ended({ one }: { one: ClientImport }) {
  const { t, language } = useWords();
  const isImported = one.state === 'imported';
  const figures = { rows: count(one.rows, language), good: count(one.good, language) };
  return (
    <Result
      status={isImported ? 'success' : 'info'}
      title={isImported ? t('import_done') : t('import_is_cancelled')}
      subTitle={isImported ? t('import_endedImported', figures) : t('import_endedCancelled')}
      extra={[
        <Link key="again" to="/book/imports">
          <Button type="primary">{t('import_another')}</Button>
        </Link>,
        ...(isImported && one.rows > one.good ? [<ErrorFile key="errors" id={one.id} />] : []),
      ]}
    />
  );
}
