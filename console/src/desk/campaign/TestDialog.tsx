import { Alert, Form, Segmented, Select } from 'antd';
import { useEffect, useState } from 'react';
import { campaigns, type CampaignInFull, type Tester, type Trial } from '../api/campaign.ts';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';

interface Given {
  clients: string[];
  arm: string;
}

/** Send a campaign's content to test clients on each of its channels; tells what became of each. */
export function TestDialog({ campaign, onClose }: { campaign: CampaignInFull; onClose: () => void }) {
  const { t, say, explain } = useWords();
  const [testers, setTesters] = useState<Tester[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [sent, setSent] = useState<Trial[] | null>(null);
  useEffect(() => {
    campaigns.testers().then(setTesters, setProblem);
  }, []);
  const submit = async ({ clients, arm }: Given): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      setSent(await campaigns.tryOut(campaign.id, clients, arm));
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const arms = Object.keys(campaign.arms);
  const nameOf = (id: string): string => testers?.find((one) => one.id === id)?.name ?? '';
  return (
    <FormDialog<Given>
      open
      title={t('campaign_testTitle')}
      okText={t('send')}
      busy={busy}
      initialValues={{ arm: arms[0] ?? 'a', clients: [] }}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="form-lead">{t('campaign_testLead')}</p>
      <Form.Item
        name="clients"
        label={t('campaign_testTo')}
        rules={[{ required: true, message: t('campaign_testMissing') }]}
      >
        <Select
          mode="multiple"
          autoFocus
          loading={testers === null && problem === null}
          notFoundContent={t('campaign_noTesters')}
          options={(testers ?? []).map((one) => ({ value: one.id, label: `${one.name} ${one.client_no}` }))}
        />
      </Form.Item>
      <Form.Item name="arm" label={t('campaign_arm')} hidden={arms.length < 2}>
        <Segmented options={arms.map((value) => ({ value, label: value.toUpperCase() }))} />
      </Form.Item>
      <div aria-live="polite" className="stack">
        {problem !== null && <Alert type="error" showIcon title={explain(problem)} />}
        {sent?.map((one) => (
          <Alert
            key={`${one.client_id}-${one.channel}`}
            type={one.reason ? 'warning' : 'success'}
            showIcon
            title={`${nameOf(one.client_id)} · ${say('channel', one.channel)}：${one.reason ? say('unreached', one.reason) : t('campaign_testSent')}`}
          />
        ))}
      </div>
    </FormDialog>
  );
}
