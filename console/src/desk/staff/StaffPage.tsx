import { PlusOutlined } from '@ant-design/icons';
import { App, Button, Table, Tag, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { staff, type Member, type NewLogin } from '../api/staff.ts';
import type { Role } from '../api/types.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { useSession } from '../session/session.tsx';
import { Page } from '../shell/Page.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { MemberDialog } from './MemberDialog.tsx';

interface Seen {
  staff: Member[];
  roles: Role[];
}

/** The room of logins: who may sign in and as what, for admins. */
export function StaffPage() {
  const { t } = useWords();
  const source = useLoad<Seen>(staff.list);
  const [adding, setAdding] = useState(false);
  useShortcuts({ add: () => setAdding(true) });
  return (
    <Page
      title={t('staff')}
      lead={t('staff_lead')}
      source={source}
      actions={
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)} title={`${t('staff_add')} (N)`}>
          {t('staff_add')}
        </Button>
      }
    >
      {(data) => (
        <>
          <Rows data={data} onDone={source.reload} />
          <Adding open={adding} roles={data.roles} onClose={() => setAdding(false)} onDone={source.reload} />
        </>
      )}
    </Page>
  );
}

interface AddingProps {
  open: boolean;
  roles: Role[];
  onClose: () => void;
  onDone: () => Promise<void>;
}

function Adding({ open, roles, onClose, onDone }: AddingProps) {
  const { t } = useWords();
  const { busy, run } = useDeed(onDone);
  const tell = useTold();
  return (
    <MemberDialog
      title={open ? t('staff_add') : null}
      roles={roles}
      busy={busy}
      onClose={onClose}
      onSubmit={async (given) => {
        let made: NewLogin | null = null;
        if (!(await run(async () => (made = await staff.add(given)), t('staff_added')))) return;
        onClose();
        tell(given.login, made);
      }}
    />
  );
}

function Rows({ data, onDone }: { data: Seen; onDone: () => Promise<void> }) {
  const { t, say, language } = useWords();
  const { person } = useSession();
  const { busy, run } = useDeed(onDone);
  const [changed, setChanged] = useState<Member | null>(null);
  const columns: TableColumnsType<Member> = [
    { title: t('staff_login'), dataIndex: 'login' },
    { title: t('staff_name'), dataIndex: 'name' },
    {
      title: t('staff_roles'),
      render: (_, one) => one.roles.map((role) => <Tag key={role}>{say('role', role)}</Tag>),
    },
    {
      title: t('staff_state'),
      render: (_, one) =>
        one.is_active ? (
          <span className="quiet">
            {one.seen_at ? t('staff_seen', { at: shortMoment(one.seen_at, language) }) : t('staff_out')}
          </span>
        ) : (
          <Tag color="warning">{t('staff_off')}</Tag>
        ),
    },
    {
      render: (_, one) => (
        <Deeds one={one} isSelf={one.id === person.id} busy={busy} run={run} onRoles={() => setChanged(one)} />
      ),
    },
  ];
  return (
    <section className="sheet" aria-label={t('staff')}>
      <Table<Member>
        size="small"
        rowKey="id"
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={columns}
        dataSource={data.staff}
        onRow={(one) => ({ 'data-login': one.login }) as object}
      />
      <MemberDialog
        title={changed ? t('staff_rolesOf', { name: changed.name }) : null}
        member={changed}
        roles={data.roles}
        busy={busy}
        onClose={() => setChanged(null)}
        onSubmit={async ({ roles }) => {
          if (changed && (await run(() => staff.changeRoles(changed.id, roles), t('staff_changed')))) setChanged(null);
        }}
      />
    </section>
  );
}

interface DeedsProps {
  one: Member;
  /** Nobody changes their own roles, or switches themselves off. */
  isSelf: boolean;
  busy: boolean;
  run: ReturnType<typeof useDeed>['run'];
  onRoles: () => void;
}

function Deeds({ one, isSelf, busy, run, onRoles }: DeedsProps) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const tell = useTold();
  const ask = (title: string, content: string, act: () => Promise<unknown>): void =>
    void modal.confirm({ title, content, okText: t('staff_yes'), cancelText: t('back'), onOk: act });
  const renew = async (): Promise<void> => {
    let made: NewLogin | null = null;
    if (await run(async () => (made = await staff.changePassword(one.id)), t('staff_changed'))) tell(one.login, made);
  };
  const turn = (): Promise<boolean> => run(() => staff.switch(one.id, !one.is_active), t('staff_changed'));
  return (
    <>
      <Button type="link" size="small" disabled={isSelf || busy} onClick={onRoles}>
        {t('staff_changeRoles')}
      </Button>
      <Button
        type="link"
        size="small"
        disabled={isSelf || busy}
        onClick={() => ask(t('staff_askPassword', { name: one.name }), t('staff_surePassword'), renew)}
      >
        {t('staff_renew')}
      </Button>
      {one.is_active ? (
        <Button
          type="link"
          size="small"
          danger
          disabled={isSelf || busy}
          onClick={() => ask(t('staff_askOff', { name: one.name }), t('staff_sureOff'), turn)}
        >
          {t('staff_disable')}
        </Button>
      ) : (
        <Button type="link" size="small" disabled={busy} onClick={() => void turn()}>
          {t('staff_enable')}
        </Button>
      )}
    </>
  );
}

/** Show a password that was made, which nobody can look up again. */
function useTold(): (login: string, made: NewLogin | null) => void {
  const { t } = useWords();
  const { modal } = App.useApp();
  return (login, made) => {
    if (made)
      modal.info({
        title: t('staff_password', { login }),
        content: (
          <>
            <Typography.Text code copyable>
              {made.password}
            </Typography.Text>
            <p className="quiet">{t('staff_passwordOnce')}</p>
          </>
        ),
        okText: t('staff_passwordKept'),
      });
  };
}
