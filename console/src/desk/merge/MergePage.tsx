import { Button, Empty, Tag } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { merges, type ClientRecord, type Doubles, type Merge } from '../api/merge.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { LookUp } from './LookUp.tsx';
import { listOf, movesOf, nameOf } from './record.ts';
import { RecordLine } from './RecordLine.tsx';
import { WhyField } from './WhyField.tsx';

const MOST_GROUPS = 100;

interface Seen {
  doubles: Doubles;
  past: Merge[];
  clients: ReadonlyMap<string, ClientRecord>;
}

const read = async (): Promise<Seen> => {
  const [doubles, list] = await Promise.all([merges.doubles(), merges.list()]);
  const clients = new Map([...doubles.clients, ...list.clients].map((one) => [one.id, one]));
  return { doubles, past: list.merges, clients };
};

/** The room of merging: records that may be one person, any two by number, and what was merged before. */
export function MergePage() {
  const { t } = useWords();
  const source = useLoad(read);
  return (
    <Page title={t('merges')} lead={t('merges_lead')} source={source}>
      {({ doubles, past, clients }) => (
        <div className="halves">
          <div className="stack">
            <Groups groups={doubles.groups} clients={clients} />
            <LookUp />
          </div>
          <Past past={past} clients={clients} reload={source.reload} />
        </div>
      )}
    </Page>
  );
}

function Groups({ groups, clients }: { groups: readonly string[][]; clients: Seen['clients'] }) {
  const { t } = useWords();
  return (
    <section className="sheet stack" aria-label={t('merge_doubles')}>
      <h2 className="sheet-title">{t('merge_doubles')}</h2>
      {groups.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('merge_doublesNone')} />}
      {groups.map((group) => (
        <Group key={group[0]} records={group.flatMap((id) => clients.get(id) ?? [])} />
      ))}
      {groups.length >= MOST_GROUPS && <p className="quiet small">{t('merge_doublesMore', { n: MOST_GROUPS })}</p>}
    </section>
  );
}

/** Those who share a phone: each younger record can be compared with the oldest. */
function Group({ records }: { records: readonly ClientRecord[] }) {
  const { t } = useWords();
  const [first, ...others] = records;
  if (!first) return null;
  return (
    <ul className="double" data-double={first.id}>
      <RecordLine one={first}>
        <Tag>{t('merge_first')}</Tag>
      </RecordLine>
      {others.map((one) => (
        <RecordLine key={one.id} one={one}>
          <Link to={`/book/merges/${first.id}/${one.id}`}>{t('merge_compare')}</Link>
        </RecordLine>
      ))}
    </ul>
  );
}

interface PastProps {
  past: readonly Merge[];
  clients: Seen['clients'];
  reload: () => Promise<void>;
}

function Past({ past, clients, reload }: PastProps) {
  const words = useWords();
  const { t, language } = words;
  const [undoing, setUndoing] = useState<Merge | null>(null);
  const { busy, run } = useDeed(reload);
  const undo = async ({ why }: { why: string }): Promise<void> => {
    if (undoing && (await run(() => merges.undo(undoing.id, why.trim()), t('merge_undoDone')))) setUndoing(null);
  };
  return (
    <section className="sheet stack" aria-label={t('merge_past')}>
      <h2 className="sheet-title">{t('merge_past')}</h2>
      {past.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('merge_pastNone')} />}
      <ul className="rows">
        {past.map((one) => (
          <li key={one.id} data-merge={one.id}>
            <div>
              <p>
                {t('merge_into', { gone: nameOf(clients.get(one.gone_id)), kept: nameOf(clients.get(one.kept_id)) })}
              </p>
              <p className="quiet small">
                {t('merge_by', { who: one.person ?? '—', at: shortMoment(one.at, language) })} ·{' '}
                {listOf(movesOf(one.moved, words), words) || t('merge_nothingMoved')}
              </p>
              <p className="quiet small words">{one.reason}</p>
            </div>
            {one.undone_at ? (
              <Tag>{t('merge_undone', { at: shortMoment(one.undone_at, language) })}</Tag>
            ) : (
              <Button size="small" onClick={() => setUndoing(one)}>
                {t('merge_undo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <FormDialog
        open={undoing !== null}
        title={t('merge_undoTitle')}
        okText={t('merge_undo')}
        busy={busy}
        onSubmit={undo}
        onClose={() => setUndoing(null)}
      >
        <p className="form-lead">{t('merge_undoSure')}</p>
        <WhyField label={t('merge_undoWhy')} />
      </FormDialog>
    </section>
  );
}
