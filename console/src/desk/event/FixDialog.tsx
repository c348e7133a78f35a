import { App, Form, Input, Select } from 'antd';
import { events, type EventType, type KeptEvent } from '../api/event.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';
import { fixOf } from './event.ts';

interface Props {
  /** The event that is corrected; null where the dialog is shut. */
  one: KeptEvent | null;
  types: readonly EventType[];
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface Given {
  client_no?: string;
  type?: string;
}

/** Whose an event is, or what: what is left empty stays as it came. */
export function FixDialog({ one, types, onClose, onDone }: Props) {
  const { t, say, language } = useWords();
  const { message } = App.useApp();
  const { busy, run } = useDeed(onDone);
  const submit = async (given: Given): Promise<void> => {
    const fix = one && fixOf(one, given);
    if (!one || !fix) return void message.info(t('kept_nothing'));
    let state = 'new';
    const said = (): string => (state === 'new' ? t('kept_fixed') : t('kept_still', { why: say('kept_is', state) }));
    if (await run(async () => (state = await events.correct(one.id, fix)), said)) onClose();
  };
  const isKnown = types.some(({ name }) => name === one?.type);
  return (
    <FormDialog<Given>
      open={one !== null}
      title={t('kept_fix')}
      okText={t('kept_fixDo')}
      busy={busy}
      {...(isKnown && one ? { initialValues: { type: one.type } } : {})}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="form-lead">{t('kept_fixLead')}</p>
      <Form.Item name="client_no" label={t('kept_number')} extra={one?.client_no}>
        <Input autoComplete="off" maxLength={40} />
      </Form.Item>
      <Form.Item name="type" label={t('kept_type')} extra={one?.type}>
        <Select
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          options={types.map((each) => ({ value: each.name, label: `${each[language]} · ${each.name}` }))}
        />
      </Form.Item>
    </FormDialog>
  );
}
