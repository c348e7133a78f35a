import { KeyOutlined, LogoutOutlined, QuestionCircleOutlined, UserOutlined } from '@ant-design/icons';
import { Alert, Button, Dropdown } from 'antd';
import { useState, useSyncExternalStore } from 'react';
import { NavLink, Outlet } from 'react-router';
import { may, useSession, type Right } from '../session/session.tsx';
import { useWords } from '../words/words.tsx';
import type { Word } from '../words/zh.ts';
import { Brand } from './Brand.tsx';
import { PasswordDialog } from './PasswordDialog.tsx';
import { ShortcutHelp, useShortcuts } from './shortcuts.tsx';
import { LanguageSwitch, ThemeSwitch } from './Switches.tsx';

/** The rooms of the console: a room is added here, and as a route in `App.tsx`, when it exists. */
const ROOMS: readonly { path: string; word: Word; right: Right }[] = [
  { path: '/tickets', word: 'menu_tickets', right: 'serve' },
  { path: '/tasks', word: 'menu_tasks', right: 'serve' },
  { path: '/reach', word: 'menu_reach', right: 'serve' },
  { path: '/campaigns', word: 'menu_campaigns', right: 'studio' },
  { path: '/audiences', word: 'menu_audiences', right: 'studio' },
  { path: '/contents', word: 'menu_contents', right: 'studio' },
  { path: '/journeys', word: 'menu_journeys', right: 'journeys' },
  { path: '/book', word: 'menu_book', right: 'book' },
  { path: '/channels', word: 'menu_channels', right: 'watch' },
  { path: '/staff', word: 'menu_staff', right: 'staff' },
];
/** What everybody may read who has no other page of the book. */
const CALENDAR = { path: '/book', word: 'menu_calendars' } as const;

/** The frame around every room: brand, rooms, preferences, who is signed in, the state of the live connection. */
export function Shell() {
  const { t } = useWords();
  const { live, person } = useSession();
  const own = ROOMS.filter((room) => may(person, room.right));
  const rooms = may(person, 'book') ? own : [...own, CALENDAR];
  const [help, setHelp] = useState(false);
  const state = useSyncExternalStore(live.onState, live.getState);
  useShortcuts({ help: () => setHelp(true) });
  return (
    <div className="shell">
      <header className="bar">
        <Brand />
        <nav>
          {rooms.map((room) => (
            <NavLink key={room.path} to={room.path}>
              {t(room.word)}
            </NavLink>
          ))}
        </nav>
        <span className="gap" />
        <Button
          type="text"
          icon={<QuestionCircleOutlined />}
          aria-label={t('shortcuts')}
          title={`${t('shortcuts')} (?)`}
          onClick={() => setHelp(true)}
        />
        <ThemeSwitch />
        <LanguageSwitch />
        <PersonMenu />
      </header>
      {state === 'waiting' && (
        <Alert
          banner
          type="warning"
          title={t('live_waiting')}
          action={
            <Button size="small" onClick={live.connect}>
              {t('retry')}
            </Button>
          }
        />
      )}
      <Outlet />
      <ShortcutHelp open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function PersonMenu() {
  const { t, say } = useWords();
  const { person, signOut } = useSession();
  const [changing, setChanging] = useState(false);
  const roles = person.roles.map((role) => say('role', role)).join(' · ');
  const items = [
    { key: 'who', label: `${person.login} · ${roles}`, disabled: true },
    { key: 'password', label: t('password_change'), icon: <KeyOutlined /> },
    { key: 'out', label: t('signOut'), icon: <LogoutOutlined /> },
  ];
  const choose = (key: string): void => {
    if (key === 'out') void signOut();
    if (key === 'password') setChanging(true);
  };
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => choose(key) }}>
        <Button type="text" className="person" icon={<UserOutlined />} aria-label={person.name} title={person.name}>
          {person.name}
        </Button>
      </Dropdown>
      <PasswordDialog open={changing} onClose={() => setChanging(false)} />
    </>
  );
}
