import { Checkbox, Form, Input } from 'antd';
import type { Member, NewMember } from '../api/staff.ts';
import type { Role } from '../api/types.ts';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';

interface Props {
  /** Null where the dialog is shut. */
  title: string | null;
  /** Whose roles are changed; absent for a new person. */
  member?: Member | null;
  roles: readonly Role[];
  busy: boolean;
  onSubmit: (given: NewMember) => Promise<void>;
  onClose: () => void;
}

/** A new person's login, name and roles, or the roles of one who is there. */
export function MemberDialog({ title, member, roles, busy, onSubmit, onClose }: Props) {
  const { t, say } = useWords();
  const options = roles.map((role) => ({ value: role, label: say('role', role) }));
  return (
    <FormDialog<NewMember>
      open={title !== null}
      title={title ?? ''}
      okText={t('staff_yes')}
      busy={busy}
      initialValues={{ roles: member?.roles ?? [] }}
      onSubmit={onSubmit}
      onClose={onClose}
    >
      {!member && (
        <>
          <Form.Item
            name="login"
            label={t('staff_login')}
            rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9._@-]{0,63}$/, message: t('staff_needLogin') }]}
          >
            <Input autoComplete="off" maxLength={64} />
          </Form.Item>
          <Form.Item
            name="name"
            label={t('staff_name')}
            rules={[{ required: true, whitespace: true, message: t('staff_needName') }]}
          >
            <Input autoComplete="off" maxLength={64} />
          </Form.Item>
        </>
      )}
      <Form.Item
        name="roles"
        label={t('staff_roles')}
        rules={[{ required: true, type: 'array', min: 1, message: t('staff_needRole') }]}
      >
        <Checkbox.Group options={options} />
      </Form.Item>
    </FormDialog>
  );
}
