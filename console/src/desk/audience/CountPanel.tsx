import { Spin, Table } from 'antd';
import { useEffect, useState } from 'react';
import { audiences, type Counted, type Expression, type Member } from '../api/audience.ts';
import { count, share } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { isComplete } from './expression.ts';

const SETTLE_MS = 350;

type State = { name: 'waiting' } | { name: 'counted'; counted: Counted } | { name: 'failed'; error: unknown };

/** How many are meant, said in a sentence, with a few of them: counted anew whenever the conditions rest. */
export function CountPanel({ expression }: { expression: Expression }) {
  const { t, explain, language } = useWords();
  const key = JSON.stringify(expression);
  const [state, setState] = useState<{ of: string; is: State }>({ of: '', is: { name: 'waiting' } });
  const complete = isComplete(expression);
  useEffect(() => {
    if (!complete) return undefined;
    let isWanted = true;
    const tell = (is: State): void => {
      if (isWanted) setState({ of: key, is });
    };
    const timer = setTimeout(() => {
      audiences.count(JSON.parse(key) as Expression).then(
        (counted) => tell({ name: 'counted', counted }),
        (error: unknown) => tell({ name: 'failed', error }),
      );
    }, SETTLE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [key, complete]);
  const isFresh = state.of === key;
  return (
    <section
      className="sheet count-panel"
      aria-label={t('audience_counted')}
      aria-live="polite"
      aria-busy={complete && !isFresh}
    >
      {!complete && <p className="warn">{t('audience_incomplete')}</p>}
      {complete && !isFresh && (
        <p className="quiet">
          <Spin size="small" /> {t('audience_counting')}
        </p>
      )}
      {complete && isFresh && state.is.name === 'failed' && <p className="bad">{explain(state.is.error)}</p>}
      {complete && isFresh && state.is.name === 'counted' && <Found counted={state.is.counted} />}
      {complete && isFresh && state.is.name === 'counted' && (
        <p className="quiet">{state.is.counted.sentence[language]}</p>
      )}
    </section>
  );
}

function Found({ counted }: { counted: Counted }) {
  const { t, language } = useWords();
  const warning =
    counted.count === 0 ? t('audience_nobody') : counted.count === counted.total ? t('audience_everybody') : null;
  return (
    <>
      <p>
        <strong className="big">{count(counted.count, language)}</strong>{' '}
        {t('audience_of', { total: count(counted.total, language), share: share(counted.count, counted.total) })}
      </p>
      {warning && <p className="warn">{warning}</p>}
      {counted.sample.length > 0 && (
        <Table<Member>
          size="small"
          rowKey={(one) => `${one.client_no}${one.name}`}
          pagination={false}
          dataSource={counted.sample}
          title={() => t('audience_sample')}
          columns={[
            { title: t('card_client_no'), dataIndex: 'client_no' },
            { title: t('card_name'), dataIndex: 'name' },
            { title: t('card_risk_level'), dataIndex: 'risk_level', render: (level: string | null) => level ?? '—' },
            { title: t('card_manager'), dataIndex: 'manager', render: (name: string | null) => name ?? '—' },
          ]}
        />
      )}
    </>
  );
}
