import { Checkbox, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { urgencies, type Policy, type Rung, type Urgency } from '../api/notice.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';
import { withRung } from './notice.ts';

const CHANNELS = ['push', 'sms', 'voice', 'wechat', 'kf', 'email', 'chat'];
const PICKS = ['all', 'best', 'active', 'cheapest'];
const PROOFS = ['accepted', 'delivered', 'read', 'link', 'press1'];
const QUIET = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;

interface Props {
  one: Urgency;
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface Given {
  quiet?: string;
  cap_per_day?: number | null;
  lasts_hours: number;
  due_minutes?: number | null;
  repeats_unknown?: boolean;
}

/** Change how one urgency is told; it becomes a new version, and what somebody changed meanwhile is not lost. */
export function UrgencyDialog({ one, onClose, onDone }: Props) {
  const { t, say } = useWords();
  const { busy, run } = useDeed(onDone);
  const [policy, setPolicy] = useState<Policy>(one.policy);
  const submit = async (given: Given): Promise<void> => {
    const { escalate } = policy;
    const changed: Policy = {
      ...policy,
      quiet: given.quiet?.trim() || null,
      cap_per_day: given.cap_per_day ?? null,
      lasts_hours: given.lasts_hours,
      repeats_unknown: given.repeats_unknown ?? false,
      escalate: escalate && { ...escalate, due_minutes: given.due_minutes ?? escalate.due_minutes },
    };
    if (await run(() => urgencies.change(one.urgency, one.version, changed), t('urgency_changed'))) onClose();
  };
  return (
    <FormDialog<Given>
      open
      title={t('urgency_changeTitle', { name: say('urgency', one.urgency) })}
      okText={t('form_save')}
      busy={busy}
      initialValues={{ ...one.policy, due_minutes: one.policy.escalate?.due_minutes }}
      onSubmit={submit}
      onClose={onClose}
    >
      {policy.rungs.map((rung, n) => (
        <RungFields key={n} n={n} rung={rung} onChange={(change) => setPolicy(withRung(policy, n, change))} />
      ))}
      <Form.Item
        name="quiet"
        label={t('urgency_quietLabel')}
        extra={t('urgency_quietHint')}
        rules={[{ pattern: QUIET, message: t('urgency_quietWrong') }]}
      >
        <Input placeholder="22:00-08:00" maxLength={11} />
      </Form.Item>
      <div className="columns">
        <Form.Item name="cap_per_day" label={t('urgency_capLabel')} extra={t('urgency_capHint')}>
          <InputNumber min={1} max={100} precision={0} />
        </Form.Item>
        <Form.Item
          name="lasts_hours"
          label={t('urgency_lastsLabel')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <InputNumber min={1} max={8760} />
        </Form.Item>
        {policy.escalate && (
          <Form.Item
            name="due_minutes"
            label={t('urgency_taskLabel')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <InputNumber min={1} max={10080} />
          </Form.Item>
        )}
      </div>
      <Form.Item name="repeats_unknown" valuePropName="checked" noStyle>
        <Checkbox>{t('urgency_repeats')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

function RungFields({ n, rung, onChange }: { n: number; rung: Rung; onChange: (change: Partial<Rung>) => void }) {
  const { t, say } = useWords();
  const name = t('urgency_rung', { n: n + 1 });
  const options = (group: string, values: readonly string[]): { value: string; label: string }[] =>
    values.map((value) => ({ value, label: say(group, value) }));
  return (
    <fieldset className="rung-fields" aria-label={name}>
      <legend>{name}</legend>
      <Select
        mode="multiple"
        aria-label={`${name} ${t('menu_channels')}`}
        value={rung.channels}
        options={options('channel', CHANNELS)}
        onChange={(channels: string[]) => channels.length > 0 && onChange({ channels })}
      />
      <Select
        aria-label={`${name} ${t('urgency_pick')}`}
        value={rung.pick}
        options={options('pick', PICKS)}
        onChange={(pick) => onChange({ pick: pick as Rung['pick'] })}
      />
      <InputNumber
        aria-label={`${name} ${t('urgency_waitLabel')}`}
        min={1}
        max={10080}
        value={rung.wait_minutes}
        suffix={t('minutes')}
        onChange={(minutes) => minutes && onChange({ wait_minutes: minutes })}
      />
      <Select
        mode="multiple"
        aria-label={`${name} ${t('urgency_proof')}`}
        value={rung.reached_by}
        options={options('reached', PROOFS)}
        onChange={(proofs: string[]) => proofs.length > 0 && onChange({ reached_by: proofs })}
      />
    </fieldset>
  );
}
