import { useWords } from '../words/words.tsx';
import type { Rules } from '../api/tier.ts';
import { placeOf, saidOf } from './label.ts';
import { changesOf } from './rules.ts';

/** What differs between two versions of the rules, one line for each thing. */
export function ChangeList({ before, after }: { before: Rules; after: Rules }) {
  const words = useWords();
  const changes = changesOf(before, after);
  if (changes.length === 0) return <p className="quiet">{words.t('tier_versionSame')}</p>;
  return (
    <ul className="rows changes">
      {changes.map((one) => (
        <li key={one.where.join('.')}>
          <span className="quiet">{placeOf(one, [after, before], words)}</span>
          <strong>{saidOf(one, [after, before], words)}</strong>
        </li>
      ))}
    </ul>
  );
}
