import { Alert, Button, Spin } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { journeys, type Checked, type Problem } from '../api/journey.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { may, useSession } from '../session/session.tsx';
import { useWords } from '../words/words.tsx';
import { Rehearsal } from './Rehearsal.tsx';

const SETTLE_MS = 500;

/** A journey's YAML, checked while it is written: what is wrong stands at its line, what is right is drawn. */
export function JourneyEditor({ text, problems }: { text: string; problems: readonly Problem[] }) {
  const { t, explain } = useWords();
  const { person } = useSession();
  const go = useNavigate();
  const { busy, run } = useDeed(async () => undefined);
  const [draft, setDraft] = useState(text);
  const [checked, setChecked] = useState<{ of: string; found: Checked | null; error: unknown } | null>(null);
  const mayWrite = may(person, 'journey');
  const isChanged = draft !== text;
  const [line, setLine] = useState<{ n: number } | null>(null);
  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(() => {
      journeys.lint(draft).then(
        (found) => isWanted && setChecked({ of: draft, found, error: null }),
        (error: unknown) => isWanted && setChecked({ of: draft, found: null, error }),
      );
    }, SETTLE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [draft]);
  const isFresh = checked?.of === draft;
  const shown = (isFresh && checked.found?.problems) || (isChanged ? [] : problems);
  const save = async (): Promise<void> => {
    let made = '';
    if (await run(async () => (made = (await journeys.draft(draft)).id), t('journey_saved')))
      void go(`/journeys/${made}`);
  };
  return (
    <div className="halves journey-editor">
      <div className="stack">
        <Code value={draft} problems={shown} readOnly={!mayWrite} line={line} onChange={setDraft} />
        <div className="page-actions">
          {mayWrite && (
            <Button
              type="primary"
              loading={busy}
              disabled={!isChanged || !checked?.found?.ok || !isFresh}
              onClick={() => void save()}
            >
              {t('journey_save')}
            </Button>
          )}
          {!isFresh && <Spin size="small" />}
        </div>
      </div>
      <div className="stack">
        {isFresh && checked.error !== null && <Alert type="error" showIcon title={explain(checked.error)} />}
        {isFresh && checked.found && <Problems problems={checked.found.problems} onGo={(n) => setLine({ n })} />}
        {checked?.found?.graph && <Rehearsal definition={checked.of} graph={checked.found.graph} />}
      </div>
    </div>
  );
}

function Problems({ problems, onGo }: { problems: readonly Problem[]; onGo: (line: number) => void }) {
  const { t, language } = useWords();
  if (problems.length === 0) return <Alert type="success" showIcon title={t('journey_sound')} />;
  return (
    <ul className="stack" aria-label={t('journey_problems')}>
      {problems.map((one, n) => (
        <li key={n}>
          <Alert
            type={one.is_warning ? 'warning' : 'error'}
            showIcon
            title={t('journey_line', { n: one.line, what: one[language] })}
            action={
              <Button size="small" onClick={() => onGo(one.line)}>
                {t('journey_goTo', { n: one.line })}
              </Button>
            }
          />
        </li>
      ))}
    </ul>
  );
}

interface CodeProps {
  value: string;
  problems: readonly Problem[];
  readOnly: boolean;
  /** Where somebody wants to be taken; a new object each time. */
  line: { n: number } | null;
  onChange: (value: string) => void;
}

/** A text field with the numbers of its lines; the wrong ones are marked. */
function Code({ value, problems, readOnly, line, onChange }: CodeProps) {
  const { t, language } = useWords();
  const numbers = useRef<HTMLOListElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (line && field.current) goTo(field.current, line.n);
  }, [line]);
  const wrong = new Map(problems.map((one) => [one.line, one]));
  return (
    <div className="code">
      <ol ref={numbers} aria-hidden="true">
        {value.split('\n').map((_, n) => {
          const problem = wrong.get(n + 1);
          return (
            <li
              key={n}
              className={problem ? (problem.is_warning ? 'warned' : 'wrong') : ''}
              title={problem?.[language]}
            >
              {n + 1}
            </li>
          );
        })}
      </ol>
      <textarea
        ref={field}
        aria-label={t('journey_yaml')}
        spellCheck={false}
        wrap="off"
        rows={26}
        value={value}
        readOnly={readOnly}
        onChange={(event) => onChange(event.target.value)}
        onScroll={(event) => {
          if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}

/** Choose a line of a text field and bring it into sight. */
function goTo(field: HTMLTextAreaElement, line: number): void {
  const lines = field.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  const height = parseFloat(getComputedStyle(field).lineHeight);
  field.scrollTop = Math.max(0, (line - 4) * height);
}
