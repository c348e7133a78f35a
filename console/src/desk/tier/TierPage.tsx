import { ThunderboltOutlined } from '@ant-design/icons';
import { Button, Tabs } from 'antd';
import { useEffect, useState } from 'react';
import { tiers, type TierRules, type TierRun } from '../api/tier.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { useNow } from '../workspace/useNow.ts';
import { History } from './History.tsx';
import { RuleDrawer } from './RuleDrawer.tsx';
import { RuleSheets } from './RuleSheets.tsx';
import { RunPanel } from './RunPanel.tsx';
import { RunTable } from './RunTable.tsx';
import { standOf, type Section } from './rules.ts';

const LOOK_EVERY_MS = 15_000;
const LOOK_CLOSELY_MS = 1_500;
/** A computation that was asked for may take this long to begin. */
const BEGIN_MS = 6_000;

interface Seen {
  rules: TierRules;
  runs: TierRun[];
}

const read = async (): Promise<Seen> => {
  const [rules, runs] = await Promise.all([tiers.rules(), tiers.runs()]);
  return { rules, runs };
};

/** The room of tiers: what came of the last computation, the rules and who changed them when. */
export function TierPage() {
  const { t } = useWords();
  const [everyMs, setEvery] = useState(LOOK_EVERY_MS);
  const source = useLoad(read, everyMs);
  const { busy, run } = useDeed(source.reload);
  const now = useNow(10_000);
  const newest = source.data?.runs[0];
  const isComputing = newest !== undefined && standOf(newest, now) === 'running';
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    const timer = isAsked ? setTimeout(() => setAsked(false), BEGIN_MS) : undefined;
    return () => clearTimeout(timer);
  }, [isAsked]);
  useEffect(() => setEvery(isComputing || isAsked ? LOOK_CLOSELY_MS : LOOK_EVERY_MS), [isComputing, isAsked]);
  const compute = async (): Promise<void> => {
    if (await run(tiers.compute, t('tier_begun'))) setAsked(true);
  };
  return (
    <Page
      title={t('tiers')}
      lead={t('tiers_lead')}
      source={source}
      actions={
        <Button
          type="primary"
          icon={<ThunderboltOutlined />}
          loading={busy || isComputing}
          onClick={() => void compute()}
        >
          {isComputing ? t('tier_computing') : t('tier_compute')}
        </Button>
      }
    >
      {(data) => <Whole data={data} now={now} reload={source.reload} />}
    </Page>
  );
}

function Whole({ data, now, reload }: { data: Seen; now: number; reload: () => Promise<void> }) {
  const { t } = useWords();
  const [looking, setLooking] = useState<string | null>(null);
  const [editing, setEditing] = useState<Section | null>(null);
  const { rules, runs } = data;
  const shown = runs.find((one) => one.id === looking) ?? runs.find((one) => one.state === 'done') ?? null;
  const items = [
    {
      key: 'rules',
      label: t('tier_rules'),
      children: <RuleSheets rules={rules.rules} version={rules.version} onEdit={setEditing} />,
    },
    {
      key: 'runs',
      label: t('tier_runs'),
      children: <RunTable runs={runs} now={now} shownId={shown?.id ?? null} onLook={setLooking} />,
    },
    { key: 'history', label: t('tier_history'), children: <History rules={rules} onDone={reload} /> },
  ];
  return (
    <>
      <RunPanel runs={runs} shown={shown} rules={rules} now={now} />
      <Tabs items={items} />
      {editing && (
        <RuleDrawer key={editing} section={editing} known={rules} onClose={() => setEditing(null)} onDone={reload} />
      )}
    </>
  );
}
