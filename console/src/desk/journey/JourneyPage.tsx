import { App, Button, Tabs } from 'antd';
import { useCallback } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { journeys, type Journey, type JourneyDeed, type JourneyInFull, type Where } from '../api/journey.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { may, useSession } from '../session/session.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { FlowChart } from './FlowChart.tsx';
import { JourneyEditor } from './JourneyEditor.tsx';
import { JourneyState } from './JourneyList.tsx';
import { Rehearsal } from './Rehearsal.tsx';
import { StandingRuns } from './StandingRuns.tsx';

const LOOK_EVERY_MS = 5_000;
const NEW = `key: my-journey
title: 新流程 · New journey
trigger:
  event: account_opened
reentry: once
steps:
  - id: wait
    wait: 1d
  - id: end
    exit: done
`;

interface Seen extends JourneyInFull {
  where: Where;
}

/** One version of a journey: its drawing with who waits where, its YAML with what is wrong by line. */
export function JourneyPage() {
  const { t } = useWords();
  const { journeyId = '' } = useParams();
  const load = useCallback(async (): Promise<Seen> => {
    const [found, where] = await Promise.all([journeys.get(journeyId), journeys.where(journeyId)]);
    return { ...found, where };
  }, [journeyId]);
  const source = useLoad(load, LOOK_EVERY_MS);
  const journey = source.data?.journey;
  return (
    <Page
      title={journey?.title ?? t('journey')}
      lead={<Link to="/journeys">← {t('journeys')}</Link>}
      source={source}
      actions={journey && <Deeds journey={journey} onDone={source.reload} />}
    >
      {(data) => <Whole data={data} />}
    </Page>
  );
}

/** A journey that nobody has kept yet. */
export function NewJourney() {
  const { t } = useWords();
  const source = useLoad(useCallback(() => Promise.resolve(NEW), []));
  return (
    <Page title={t('journey_new')} lead={<Link to="/journeys">← {t('journeys')}</Link>} source={source}>
      {(text) => <JourneyEditor text={text} problems={[]} />}
    </Page>
  );
}

function Whole({ data }: { data: Seen }) {
  const { t, language } = useWords();
  const { journey, where, graph } = data;
  const total = where.waiting.reduce((sum, one) => sum + one.n, 0);
  return (
    <>
      <div className="sheet headline">
        <p>
          <JourneyState state={journey.state} /> {t('journey_versionN', { n: journey.version })} ·{' '}
          {t('journey_waiting', { n: count(total, language) })}
          {where.ended.map((one) => (
            <span key={one.outcome} className="quiet">
              {' '}
              · {one.outcome} {count(one.n, language)}
            </span>
          ))}
        </p>
      </div>
      <Tabs
        items={[
          {
            key: 'flow',
            label: t('journey_drawing'),
            children: graph ? (
              <FlowChart graph={graph} where={where} />
            ) : (
              <p className="bad">{t('journey_cannotRun')}</p>
            ),
          },
          {
            key: 'standing',
            label: t('journey_standing'),
            children: <StandingRuns journeyId={journey.id} />,
          },
          {
            key: 'try',
            label: t('journey_try'),
            children: graph ? (
              <Rehearsal definition={data.definition} graph={graph} />
            ) : (
              <p className="bad">{t('journey_tryBroken')}</p>
            ),
          },
          {
            key: 'yaml',
            label: t('journey_yaml'),
            children: <JourneyEditor text={data.definition} problems={data.problems} />,
          },
        ]}
      />
    </>
  );
}

function Deeds({ journey, onDone }: { journey: Journey; onDone: () => Promise<void> }) {
  const { t } = useWords();
  const { person } = useSession();
  const { modal } = App.useApp();
  const go = useNavigate();
  const { busy, run } = useDeed(onDone);
  const writes = may(person, 'journey');
  const approves = may(person, 'release') && journey.author_id !== person.id;
  const act = (deed: JourneyDeed): void => void run(() => journeys.do(journey.id, deed), t(`journey_did_${deed}`));
  const ask = (deed: JourneyDeed): void => {
    modal.confirm({
      title: t(`journey_ask_${deed}` as 'journey_ask_retire', { name: journey.title }),
      content: t(`journey_sure_${deed}` as 'journey_sure_retire'),
      okText: t(`journey_do_${deed}`),
      cancelText: t('back'),
      onOk: async () => {
        if (await run(() => journeys.do(journey.id, deed), t(`journey_did_${deed}`)))
          if (deed === 'retire') void go('/journeys');
      },
    });
  };
  const { state } = journey;
  const isApproved = journey.approver_id !== null;
  return (
    <div className="page-actions">
      {state === 'draft' && writes && (
        <Button type="primary" loading={busy} onClick={() => act('submit')}>
          {t('journey_do_submit')}
        </Button>
      )}
      {state === 'review' && approves && !isApproved && (
        <Button type="primary" loading={busy} onClick={() => ask('approve')}>
          {t('journey_do_approve')}
        </Button>
      )}
      {state === 'review' && writes && isApproved && (
        <Button type="primary" loading={busy} onClick={() => ask('activate')}>
          {t('journey_do_activate')}
        </Button>
      )}
      {state === 'review' && may(person, 'release') && (
        <Button onClick={() => act('return')}>{t('journey_do_return')}</Button>
      )}
      {state !== 'retired' && writes && (
        <Button danger onClick={() => ask('retire')}>
          {t('journey_do_retire')}
        </Button>
      )}
    </div>
  );
}
