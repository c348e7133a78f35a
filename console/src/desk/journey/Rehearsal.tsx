import { Alert, Button, Input, Table } from 'antd';
import { useState } from 'react';
import { dayLabel } from '../../shared/moment.ts';
import { journeys, type Graph, type Rehearsed } from '../api/journey.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { FlowChart } from './FlowChart.tsx';
import { asWhere, daysAgo, inOrder, partsOf, sumOf } from './rehearsal.ts';

const FIRST_DAYS = 30;
const MOST_DAYS = 365;

interface Props {
  definition: string;
  graph: Graph;
}

interface State {
  of: string;
  tried: Rehearsed | null;
  error: unknown;
  busy: boolean;
}

/** Try a journey on what has happened since a day: who would enter, what would be sent, where they would be now. */
export function Rehearsal({ definition, graph }: Props) {
  const { t, explain } = useWords();
  const [since, setSince] = useState(() => daysAgo(FIRST_DAYS));
  const [state, setState] = useState<State>({ of: '', tried: null, error: null, busy: false });
  const isFresh = state.of === definition;
  const go = (): void => {
    setState({ of: definition, tried: null, error: null, busy: true });
    journeys.rehearse(definition, since).then(
      (tried) => setState({ of: definition, tried, error: null, busy: false }),
      (error: unknown) => setState({ of: definition, tried: null, error, busy: false }),
    );
  };
  const tried = isFresh ? state.tried : null;
  return (
    <section className="stack" aria-label={t('journey_try')}>
      <form
        className="try-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (since) go();
        }}
      >
        <label>
          <span className="quiet small">{t('journey_trySince')}</span>
          <Input
            type="date"
            value={since}
            min={daysAgo(MOST_DAYS)}
            max={daysAgo(0)}
            status={since ? '' : 'error'}
            onChange={(event) => setSince(event.target.value)}
          />
        </label>
        <Button htmlType="submit" disabled={!since} loading={isFresh && state.busy}>
          {t('journey_tryGo')}
        </Button>
        <small className="quiet">{since ? t('journey_tryLead') : t('journey_tryNoDay')}</small>
      </form>
      {isFresh && state.busy && <p className="quiet">{t('journey_trying')}</p>}
      {isFresh && state.error !== null && <Alert type="error" showIcon title={explain(state.error)} />}
      {tried && <Told tried={tried} />}
      <FlowChart graph={graph} where={tried && asWhere(tried)} />
      {tried && tried.done.length > 0 && <Done tried={tried} graph={graph} />}
    </section>
  );
}

/** What it comes to, in figures. */
function Told({ tried }: { tried: Rehearsed }) {
  const { t, language } = useWords();
  const sum = sumOf(tried);
  const figures = [
    ['journey_wouldEnter', tried.entered],
    ['journey_wouldSend', sum.sent],
    ['journey_wouldOpen', sum.opened],
    ['journey_wouldWait', sum.waiting],
    ['journey_wouldEnd', sum.ended],
  ] as const;
  const basis =
    tried.basis === 'today'
      ? t('journey_tryToday', { walked: count(tried.walked, language) })
      : t('journey_tryHistory', {
          since: dayLabel(tried.since, language),
          events: count(tried.events, language),
        });
  return (
    <>
      <dl className="figures" aria-live="polite" data-testid="rehearsed">
        {figures.map(([word, n]) => (
          <div key={word}>
            <dt>{t(word)}</dt>
            <dd>
              <strong>{count(n, language)}</strong>
            </dd>
          </div>
        ))}
      </dl>
      <p className="quiet small">
        {basis} {t('journey_tryFacts')}
      </p>
      {tried.entered === 0 && (
        <Alert
          type="warning"
          showIcon
          title={t(tried.basis === 'today' ? 'journey_tryNobodyToday' : 'journey_tryNobody')}
        />
      )}
    </>
  );
}

function Done({ tried, graph }: { tried: Rehearsed; graph: Graph }) {
  const { t, say, language } = useWords();
  const named = new Map(graph.nodes.map((node) => [node.id, node[language]]));
  const result = (one: string): string => {
    const { name, to } = partsOf(one);
    return to === null ? say('journey_result', name) : t(`journey_result_${name}` as 'journey_result_exit', { to });
  };
  return (
    <Table
      size="small"
      rowKey={(one) => `${one.step}/${one.result}`}
      title={() => t('journey_doneHere')}
      pagination={false}
      scroll={{ x: 'max-content' }}
      dataSource={inOrder(tried.done, graph)}
      columns={[
        { title: t('journey_step'), render: (_, one) => named.get(one.step) ?? one.step },
        { title: t('journey_result'), render: (_, one) => result(one.result) },
        { title: t('journey_times'), align: 'right', render: (_, one) => count(one.n, language) },
      ]}
    />
  );
}
