import { Checkbox, Form, Input, Select } from 'antd';
import { useEffect, useState } from 'react';
import { people } from '../api/desk.ts';
import type { Person, Ticket } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import type { Actions } from './useActions.tsx';

interface Props {
  ticket: Ticket;
  actions: Actions;
  open: boolean;
  onClose: () => void;
}

/** Resolve a ticket: a note is asked for, because the next person will need it. */
export function ResolveDialog({ ticket, actions, open, onClose }: Props) {
  const { t } = useWords();
  const submit = async ({ note, handBack }: { note: string; handBack: boolean }): Promise<void> => {
    if (await actions.resolve(note.trim(), handBack)) onClose();
  };
  return (
    <FormDialog
      open={open}
      title={t('resolveTitle', { number: ticket.number })}
      okText={t('resolve')}
      busy={actions.busy}
      initialValues={{ note: '', handBack: true }}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="note"
        label={t('resolveNote')}
        extra={t('resolveNoteHint')}
        rules={[{ required: true, whitespace: true, message: t('resolveNoteMissing') }]}
      >
        <Input.TextArea autoFocus rows={4} maxLength={1000} showCount />
      </Form.Item>
      <Form.Item name="handBack" valuePropName="checked">
        <Checkbox>{t('resolveHandBack')}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

/** Give a ticket to somebody; supervisors only. */
export function AssignDialog({ ticket, actions, open, onClose }: Props) {
  const { t, say, explain } = useWords();
  const [staff, setStaff] = useState<Person[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    if (!open) return;
    setProblem(null);
    people.list().then(setStaff, setProblem);
  }, [open]);
  const options = (staff ?? []).map((person) => ({
    value: person.id,
    label: `${person.name}（${person.roles.map((role) => say('role', role)).join(' · ')}）`,
  }));
  const submit = async ({ personId }: { personId: string }): Promise<void> => {
    const name = staff?.find((person) => person.id === personId)?.name ?? '';
    if (await actions.assign(personId, name)) onClose();
  };
  return (
    <FormDialog
      open={open}
      title={t('assignTitle', { number: ticket.number })}
      okText={t('assign')}
      busy={actions.busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <Form.Item
        name="personId"
        label={t('assignTo')}
        rules={[{ required: true, message: t('assignMissing') }]}
        {...(problem === null ? {} : { validateStatus: 'error' as const, help: explain(problem) })}
      >
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          loading={staff === null && problem === null}
          options={options}
        />
      </Form.Item>
    </FormDialog>
  );
}
