import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Checkbox, Segmented, Select } from 'antd';
import type { AudienceLanguage, Expression } from '../api/audience.ts';
import { useWords } from '../words/words.tsx';
import { Condition } from './Condition.tsx';
import { asGroup, beginWith, isGroup, replaceAt, subjectOf, type Group } from './expression.ts';

/** Groups inside groups are enough two deep; deeper ones that the API wrote are shown all the same. */
const DEEPEST = 2;

export interface Choices {
  language: AudienceLanguage;
  campaigns: { id: string; name: string }[];
}

interface Props {
  value: Group;
  choices: Choices;
  onChange: (value: Group) => void;
}

/** Who is meant: conditions that all hold, or of which one does, in groups. */
export function Builder({ value, choices, onChange }: Props) {
  return <GroupBox group={value} choices={choices} depth={0} onChange={onChange} onRemove={null} />;
}

interface GroupProps {
  group: Group;
  choices: Choices;
  depth: number;
  onChange: (group: Group) => void;
  onRemove: (() => void) | null;
}

function GroupBox({ group, choices, depth, onChange, onRemove }: GroupProps) {
  const { t } = useWords();
  const change = (at: number, one: Expression): void => onChange({ ...group, of: replaceAt(group.of, at, one) });
  const remove = (at: number): void => onChange({ ...group, of: group.of.filter((_, n) => n !== at) });
  const add = (one: Expression): void => onChange({ ...group, of: [...group.of, one] });
  const first = beginWith('profile:risk_level', choices.language);
  return (
    <fieldset className={`group ${group.kind}`} aria-label={t(depth ? 'audience_group' : 'audience')}>
      <div className="group-head">
        <Segmented
          size="small"
          value={group.kind}
          options={[
            { value: 'all', label: t('audience_all') },
            { value: 'any', label: t('audience_any') },
          ]}
          onChange={(kind) => onChange({ ...group, kind: kind === 'any' ? 'any' : 'all' })}
        />
        <span className="gap" />
        {onRemove && (
          <Button
            type="text"
            size="small"
            icon={<DeleteOutlined />}
            aria-label={t('audience_removeGroup')}
            onClick={onRemove}
          />
        )}
      </div>
      <ul>
        {group.of.map((one, n) => (
          <li key={n}>
            <Row
              one={one}
              choices={choices}
              depth={depth}
              onChange={(next) => change(n, next)}
              onRemove={() => remove(n)}
            />
          </li>
        ))}
      </ul>
      {group.of.length === 0 && <p className="quiet">{t('audience_emptyGroup')}</p>}
      <div className="page-actions">
        <Button size="small" icon={<PlusOutlined />} onClick={() => add(first)}>
          {t('audience_add')}
        </Button>
        {depth < DEEPEST && (
          <Button
            size="small"
            icon={<PlusOutlined />}
            onClick={() => add({ kind: group.kind === 'all' ? 'any' : 'all', of: [first] })}
          >
            {t('audience_addGroup')}
          </Button>
        )}
      </div>
    </fieldset>
  );
}

interface RowProps {
  one: Expression;
  choices: Choices;
  depth: number;
  onChange: (one: Expression) => void;
  onRemove: () => void;
}

/** A condition with its subject, its comparison and its “not”; or a group of them. */
function Row({ one, choices, depth, onChange, onRemove }: RowProps) {
  const { t } = useWords();
  const subjects = useSubjects(choices.language);
  if (isGroup(one))
    return <GroupBox group={one} choices={choices} depth={depth + 1} onChange={onChange} onRemove={onRemove} />;
  if (one.kind === 'not' && (isGroup(one.of) || one.of.kind === 'not'))
    return (
      <div className="negated">
        <span>{t('audience_not')}</span>
        <GroupBox
          group={asGroup(one.of)}
          choices={choices}
          depth={depth + 1}
          onChange={(group) => onChange({ kind: 'not', of: group })}
          onRemove={onRemove}
        />
      </div>
    );
  const leaf = one.kind === 'not' ? one.of : one;
  const put = (next: Expression): void => onChange(one.kind === 'not' ? { kind: 'not', of: next } : next);
  return (
    <div className="condition">
      <Select
        aria-label={t('audience_subject')}
        className="subject"
        showSearch={{ optionFilterProp: 'label' }}
        popupMatchSelectWidth={false}
        value={subjectOf(leaf)}
        options={subjects}
        onChange={(subject) => put(beginWith(subject, choices.language))}
      />
      <Condition leaf={leaf} choices={choices} onChange={put} />
      <span className="gap" />
      <Checkbox
        checked={one.kind === 'not'}
        onChange={(event) => onChange(event.target.checked ? { kind: 'not', of: leaf } : leaf)}
      >
        {t('audience_not')}
      </Checkbox>
      <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t('audience_remove')} onClick={onRemove} />
    </div>
  );
}

interface Subjects {
  label: string;
  options: { value: string; label: string }[];
}

function useSubjects(known: AudienceLanguage): Subjects[] {
  const { t, language } = useWords();
  const fields = (kind: 'profile' | 'tier'): Subjects['options'] =>
    known[kind].map((field) => ({ value: `${kind}:${field.field}`, label: field[language] }));
  return [
    { label: t('audience_profile'), options: fields('profile') },
    { label: t('audience_tier'), options: fields('tier') },
    {
      label: t('audience_events'),
      options: known.events.map((event) => ({ value: `event:${event.type}`, label: event[language] })),
    },
    {
      label: t('audience_others'),
      options: (['tag', 'consent', 'channel', 'campaign'] as const).map((kind) => ({
        value: kind,
        label: t(`audience_${kind}`),
      })),
    },
  ];
}
