import { EditOutlined } from '@ant-design/icons';
import { Button, Empty, Skeleton, Tag } from 'antd';
import { useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { urgencies, type Policy, type Rung, type Urgency } from '../api/notice.ts';
import { may, useSession } from '../session/session.tsx';
import { Failure } from '../shell/Failure.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { inUnits } from './notice.ts';
import { UrgencyDialog } from './UrgencyDialog.tsx';

/** How each urgency is told: its ladder, what it heeds, and the way to change it for those who may. */
export function UrgencyTable() {
  const { t } = useWords();
  const { person } = useSession();
  const source = useLoad(urgencies.list);
  const [changing, setChanging] = useState<Urgency | null>(null);
  const { data, error } = source;
  if (error !== null && !data) return <Failure error={error} retry={() => void source.reload()} />;
  if (!data) return <Skeleton active />;
  if (data.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} />;
  return (
    <>
      <p className="quiet">{t(may(person, 'watch') ? 'urgency_lead' : 'urgency_lookOnly')}</p>
      <ul className="urgencies">
        {data.map((one) => (
          <li key={one.urgency}>
            <Ladder one={one} onChange={may(person, 'watch') ? () => setChanging(one) : null} />
          </li>
        ))}
      </ul>
      {changing && (
        <UrgencyDialog
          key={`${changing.urgency}-${changing.version}`}
          one={changing}
          onClose={() => setChanging(null)}
          onDone={source.reload}
        />
      )}
    </>
  );
}

function Ladder({ one, onChange }: { one: Urgency; onChange: (() => void) | null }) {
  const { t, say, language } = useWords();
  const newest = one.history[0];
  return (
    <article
      className={`sheet urgency ${one.urgency}`}
      aria-label={say('urgency', one.urgency)}
      data-urgency={one.urgency}
    >
      <header>
        <h2>{say('urgency', one.urgency)}</h2>
        <small className="quiet">
          {one.version === 0 ? t('urgency_shipped') : t('urgency_version', { n: one.version })}
          {newest && ` · ${newest.author ?? '—'} ${shortMoment(newest.at, language)}`}
        </small>
        <span className="gap" />
        {onChange && (
          <Button icon={<EditOutlined />} onClick={onChange}>
            {t('account_change')}
          </Button>
        )}
      </header>
      <ol className="rungs">
        {one.policy.rungs.map((rung, n) => (
          <li key={n}>
            <RungWords rung={rung} />
          </li>
        ))}
        <li className="escalation">
          {one.policy.escalate ? t('urgency_task', { minutes: one.policy.escalate.due_minutes }) : t('urgency_noTask')}
        </li>
      </ol>
      <Heeds policy={one.policy} />
    </article>
  );
}

function RungWords({ rung }: { rung: Rung }) {
  const { t, say } = useWords();
  const { n, unit } = inUnits(rung.wait_minutes);
  return (
    <>
      <span className="tags">
        {rung.channels.map((channel) => (
          <Tag key={channel}>{say('channel', channel)}</Tag>
        ))}
      </span>
      <span>{say('pick', rung.pick)}</span>
      <small className="quiet">
        {t('urgency_wait', {
          span: t(`unit_${unit}`, { n }),
          proofs: rung.reached_by.map((proof) => say('reached', proof)).join(t('comma')),
        })}
      </small>
    </>
  );
}

function Heeds({ policy }: { policy: Policy }) {
  const { t, say } = useWords();
  const facts = [
    policy.quiet ? t('urgency_quiet', { hours: policy.quiet }) : t('urgency_noQuiet'),
    policy.cap_per_day ? t('urgency_cap', { n: policy.cap_per_day }) : t('urgency_noCap'),
    say('heed', policy.consent),
    t('urgency_lasts', { n: policy.lasts_hours }),
    ...(policy.gather_minutes ? [t('urgency_gather', { n: policy.gather_minutes })] : []),
    ...(policy.repeats_unknown ? [t('urgency_repeats')] : []),
  ];
  return (
    <ul className="facts">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}
