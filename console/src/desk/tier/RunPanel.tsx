import { Alert, Empty, Progress } from 'antd';
import { shortMoment } from '../../shared/moment.ts';
import type { TierRules, TierRun } from '../api/tier.ts';
import { count, share } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { tookOf } from './label.ts';
import { barsOf, progressOf, standOf, type Bar } from './rules.ts';

const MOST_MOVES = 8;

interface Props {
  runs: readonly TierRun[];
  /** The run whose outcome is shown; null before the first ended. */
  shown: TierRun | null;
  rules: TierRules;
  now: number;
}

/** How a computation stands and what came of it: clients a layer, and who went from one to another. */
export function RunPanel({ runs, shown, rules, now }: Props) {
  const { t } = useWords();
  const newest = runs[0];
  const stand = newest && standOf(newest, now);
  return (
    <>
      {newest && stand === 'running' && <Running run={newest} />}
      {stand === 'failed' && <Alert type="warning" showIcon title={t('tier_failed')} />}
      {shown && stand !== 'running' && rules.version > shown.version && shown.id === newest?.id && (
        <Alert type="info" showIcon title={t('tier_behind', { version: rules.version })} />
      )}
      {shown ? (
        <Outcome run={shown} before={runBefore(runs, shown)} rules={rules} />
      ) : (
        stand !== 'running' && (
          <div className="sheet">
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('tier_never')}>
              <p className="quiet">{t('tier_neverMore')}</p>
            </Empty>
          </div>
        )
      )}
    </>
  );
}

function runBefore(runs: readonly TierRun[], shown: TierRun): TierRun | null {
  const at = runs.findIndex((one) => one.id === shown.id);
  return runs.slice(at + 1).find((one) => one.state === 'done') ?? null;
}

function Running({ run }: { run: TierRun }) {
  const { t, say } = useWords();
  return (
    <div className="sheet headline" role="status" aria-live="polite">
      <div>
        <strong>{say('tier_step', run.step)}…</strong>
        <Progress percent={progressOf(run)} status="active" showInfo={false} aria-label={t('tier_progress')} />
      </div>
    </div>
  );
}

function Outcome({ run, before, rules }: { run: TierRun; before: TierRun | null; rules: TierRules }) {
  const words = useWords();
  const { t, language } = words;
  const layers = rules.rules.layers;
  const nameOf = (name: string): string => layers.find((one) => one.name === name)?.[language] ?? name;
  const who = run.person ?? t('tier_night');
  const at = shortMoment(run.at, language);
  const took = tookOf(run, words);
  return (
    <div className="halves">
      <section className="sheet stack" aria-label={t('tier_layers')}>
        <div>
          <h2 className="sheet-title">{t('tier_layers')}</h2>
          <p>
            {t('tier_summary', {
              clients: count(run.clients ?? 0, language),
              changed: count(run.changed ?? 0, language),
            })}
          </p>
          <p className="quiet small">
            {run.version === 0 ? t('tier_ranShipped', { at, who }) : t('tier_ran', { at, who, version: run.version })}
            {took && ` · ${took}`}
          </p>
        </div>
        <ul className="bars">
          {barsOf(run, before, layers).map((one) => (
            <BarLine key={one.name} bar={one} name={nameOf(one.name)} />
          ))}
        </ul>
      </section>
      <section className="sheet stack" aria-label={t('tier_moves')}>
        <h2 className="sheet-title">{t('tier_moves')}</h2>
        {run.moves.length === 0 && (
          <p className="quiet">{before === null && run.changed ? t('tier_firstRun') : t('tier_noMoves')}</p>
        )}
        <ul className="rows">
          {run.moves.slice(0, MOST_MOVES).map((one) => (
            <li key={`${one.before}>${one.after}`}>
              <span>{t('tier_move', { before: nameOf(one.before), after: nameOf(one.after) })}</span>
              <strong>{t('people', { n: count(one.clients, language) })}</strong>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function BarLine({ bar, name }: { bar: Bar; name: string }) {
  const { t, language } = useWords();
  const { clients, change } = bar;
  const word = change === null || change === 0 ? 'tier_same' : change > 0 ? 'tier_more' : 'tier_fewer';
  return (
    <li data-layer={bar.name}>
      <span>{name}</span>
      <span className="bar-track" aria-hidden="true">
        <i style={{ width: `${bar.share * 100}%`, minWidth: bar.clients > 0 ? 2 : 0 }} />
      </span>
      <span className="bar-figure">
        {count(clients, language)} <small className="quiet">{share(bar.share, 1)}</small>
        {change !== null && <small className="quiet">{t(word, { n: count(Math.abs(change), language) })}</small>}
      </span>
    </li>
  );
}
