import { Alert, Form, Input, Radio, Segmented, Select } from 'antd';
import { toLocal, toMoment } from '../campaign/draft.ts';
import { insights } from '../api/insight.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords, type Words } from '../words/words.tsx';
import { ALL, CATEGORIES, dayOf, draftOf, effectsOf, type Filled, type Place } from './picture.ts';

/** As the form has it: `saidAt` is the local time of a date field, empty for now. */
type Fields = Omit<Filled, 'saidAt'> & { saidAt: string };

interface Props {
  clientId: string;
  places: readonly Place[];
  open: boolean;
  onClose: () => void;
  onDone: () => Promise<void>;
}

const FIRST: Partial<Fields> = { where: ALL, category: 'marketing', source: 'phone', saidAt: '' };

/** Write down what a client said by telephone, on paper or at the counter; what follows stands above the button. */
export function ConsentDialog({ clientId, places, open, onClose, onDone }: Props) {
  const { t, say, ...words } = useWords();
  const { busy, run } = useDeed(onDone);
  const submit = async (fields: Fields): Promise<void> => {
    const draft = draftOf({ ...fields, saidAt: toMoment(fields.saidAt) || null });
    if (await run(() => insights.record(clientId, draft), t('picture_recorded'))) onClose();
  };
  const options = (group: string, codes: readonly string[]): { value: string; label: string }[] =>
    codes.map((value) => ({ value, label: say(group, value) }));
  return (
    <FormDialog<Fields>
      open={open}
      title={t('picture_recordTitle')}
      okText={t('picture_recordDo')}
      busy={busy}
      initialValues={FIRST}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="halves">
        <Form.Item name="where" label={t('picture_where')}>
          <Select options={wheresOf(places, { t, say, ...words })} />
        </Form.Item>
        <Form.Item name="category" label={t('picture_category')}>
          <Select options={options('category', [...CATEGORIES, ALL])} />
        </Form.Item>
      </div>
      <div className="halves">
        <Form.Item
          name="value"
          label={t('picture_value')}
          rules={[{ required: true, message: t('picture_valueMissing') }]}
        >
          <Radio.Group block optionType="button" buttonStyle="solid" options={options('consent', ['yes', 'no'])} />
        </Form.Item>
        <Form.Item name="saidAt" label={t('picture_saidAt')} extra={t('picture_saidNow')}>
          <Input type="datetime-local" max={toLocal(new Date().toISOString())} />
        </Form.Item>
      </div>
      <Form.Item name="source" label={t('picture_source')}>
        <Segmented block options={options('said', ['phone', 'paper', 'counter', 'other'])} />
      </Form.Item>
      <Form.Item
        name="note"
        label={t('picture_note')}
        extra={t('picture_noteHint')}
        rules={[{ required: true, whitespace: true, min: 2, message: t('picture_noteMissing') }]}
      >
        <Input autoFocus maxLength={200} />
      </Form.Item>
      <Effects places={places} />
    </FormDialog>
  );
}

/** What the form as it stands will change. */
function Effects({ places }: { places: readonly Place[] }) {
  const words = useWords();
  const form = Form.useFormInstance<Fields>();
  const [where, category, value, saidAt] = [
    Form.useWatch('where', form),
    Form.useWatch('category', form),
    Form.useWatch('value', form),
    Form.useWatch('saidAt', form),
  ];
  if (!where || !category || !value) return null;
  const said = effectsOf({ where, category, value, saidAt: toMoment(saidAt ?? '') || null }, places, words);
  return (
    <Alert
      type={value === 'no' ? 'warning' : 'info'}
      title={words.t('picture_effects')}
      description={
        <ul className="effects" aria-live="polite">
          {said.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      }
    />
  );
}

/** Everywhere, one address, or a channel with several of them. */
function wheresOf(places: readonly Place[], { t, say, language }: Words): { value: string; label: string }[] {
  const channels = places.map(({ identity }) => identity.channel);
  const several = [...new Set(channels)].filter((one) => channels.indexOf(one) !== channels.lastIndexOf(one));
  return [
    { value: ALL, label: t('picture_everywhere') },
    ...several.map((one) => ({
      value: `channel:${one}`,
      label: t('picture_wholeChannel', { channel: say('channel', one) }),
    })),
    ...places.map(({ identity: { id, channel, account, bound_at: at } }) => ({
      value: id,
      label: several.includes(channel)
        ? t('picture_oneAddress', { channel: say('channel', channel), account, at: at ? dayOf(at, language) : '—' })
        : say('channel', channel),
    })),
  ];
}
