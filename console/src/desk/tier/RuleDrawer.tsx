import { Alert, App, Button, Drawer } from 'antd';
import { useState } from 'react';
import { ApiError } from '../api/http.ts';
import { tiers, type Rules, type TierRules } from '../api/tier.ts';
import { useWords } from '../words/words.tsx';
import { ChangeList } from './ChangeList.tsx';
import { changesOf, faultsOf, isSame, type Section } from './rules.ts';
import { SectionFields } from './SectionFields.tsx';

interface Props {
  section: Section;
  /** The rules as the page knows them now; what was read when the drawer opened is what is changed. */
  known: TierRules;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Change one part of the rules; what a colleague changed meanwhile is shown and never overwritten unasked. */
export function RuleDrawer({ section, known, onClose, onDone }: Props) {
  const { t, say, explain } = useWords();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const [base] = useState(known);
  const [draft, setDraft] = useState<Rules>(known.rules);
  const [theirs, setTheirs] = useState<TierRules | null>(null);
  const faults = faultsOf(section, draft);
  const changes = changesOf(base.rules, draft);
  const save = async (onto: TierRules): Promise<void> => {
    setBusy(true);
    try {
      const { version } = await tiers.change(onto.version, { ...onto.rules, [section]: draft[section] });
      void message.success(t('tier_saved', { n: version }));
      await onDone();
      onClose();
    } catch (error) {
      const isBehind = error instanceof ApiError && error.status === 409;
      const now = isBehind ? await tiers.rules().catch(() => null) : null;
      if (now) setTheirs(now);
      else void message.error(explain(error), 8);
    } finally {
      setBusy(false);
    }
  };
  const mayGoOn = changes.length > 0 && faults.length === 0;
  return (
    <Drawer
      open
      size={760}
      mask={{ closable: changes.length === 0 }}
      keyboard={changes.length === 0}
      title={t('tier_editTitle', { section: say('tier_s', section) })}
      onClose={onClose}
      footer={
        <div className="page-actions">
          {!theirs && (
            <Button type="primary" loading={busy} disabled={!mayGoOn} onClick={() => void save(base)}>
              {t('tier_save')}
            </Button>
          )}
          <Button onClick={onClose}>{t('cancel')}</Button>
          <span className="quiet">
            {changes.length > 0 ? t('tier_changes', { n: changes.length }) : t('tier_noChanges')}
          </span>
        </div>
      }
    >
      <div
        className="stack"
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && mayGoOn && !theirs && !busy) void save(base);
        }}
      >
        {theirs && (
          <Meanwhile
            section={section}
            base={base}
            theirs={theirs}
            busy={busy}
            mayGoOn={mayGoOn}
            onSave={() => void save(theirs)}
            onTake={() => {
              void onDone();
              onClose();
            }}
          />
        )}
        <p className="quiet">{say('tier_s', `${section}_lead`)}</p>
        <SectionFields section={section} draft={draft} base={base.rules} onChange={setDraft} />
        <div aria-live="polite">
          {faults.map(({ word, values }) => (
            <Alert key={`${word}-${values['name'] ?? ''}`} type="error" showIcon title={t(word, values)} />
          ))}
        </div>
        {changes.length > 0 && <ChangeList before={base.rules} after={draft} />}
      </div>
    </Drawer>
  );
}

interface MeanwhileProps {
  section: Section;
  base: TierRules;
  theirs: TierRules;
  busy: boolean;
  mayGoOn: boolean;
  onSave: () => void;
  onTake: () => void;
}

function Meanwhile({ section, base, theirs, busy, mayGoOn, onSave, onTake }: MeanwhileProps) {
  const { t } = useWords();
  const who = theirs.history[0]?.author ?? t('tier_somebody');
  const isElsewhere = isSame(base.rules[section], theirs.rules[section]);
  const onlyThis = { ...base.rules, [section]: theirs.rules[section] };
  return (
    <Alert
      type="warning"
      showIcon
      title={t('tier_meanwhile', { who, n: theirs.version })}
      description={
        <div className="stack">
          <p>{isElsewhere ? t('tier_meanwhileElse') : t('tier_meanwhileHere')}</p>
          {!isElsewhere && <ChangeList before={base.rules} after={onlyThis} />}
          <div className="page-actions">
            <Button type="primary" loading={busy} disabled={!mayGoOn} onClick={onSave}>
              {isElsewhere ? t('tier_saveOnTop', { n: theirs.version }) : t('tier_overwrite')}
            </Button>
            <Button onClick={onTake}>{t('tier_takeTheirs')}</Button>
          </div>
        </div>
      }
    />
  );
}
