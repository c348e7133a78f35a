import { Alert } from 'antd';
import type { Checked, Finding } from '../api/campaign.ts';
import { useWords } from '../words/words.tsx';
import type { StepName } from './draft.ts';
import { findingsOf } from './value.ts';

const TYPES: Readonly<Record<Finding['grade'], 'error' | 'warning' | 'info'>> = {
  wrong: 'error',
  missing: 'warning',
  note: 'info',
};

/** What is wrong at a step, what is missing, and what is worth knowing, in the service's words. */
export function Findings({ step, checked }: { step: StepName; checked: Checked | null }) {
  const { language } = useWords();
  return (
    <div className="stack" aria-live="polite">
      {findingsOf(step, checked).map((one) => (
        <Alert key={`${one.step}/${one.field}/${one.zh}`} type={TYPES[one.grade]} showIcon title={one[language]} />
      ))}
    </div>
  );
}
