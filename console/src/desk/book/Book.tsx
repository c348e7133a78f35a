import { NavLink, Outlet } from 'react-router';
import { may, useSession, type Right } from '../session/session.tsx';
import { useWords } from '../words/words.tsx';
import type { Word } from '../words/zh.ts';

const PAGES: readonly { path: string; word: Word; right: Right | null }[] = [
  { path: '/book/tiers', word: 'menu_tiers', right: 'book' },
  { path: '/book/imports', word: 'menu_imports', right: 'watch' },
  { path: '/book/merges', word: 'menu_merges', right: 'watch' },
  { path: '/book/events', word: 'menu_events', right: 'watch' },
  { path: '/book/calendars', word: 'menu_calendars', right: null },
];

/** The client book: what the house knows of its clients as a whole, and the days that it counts by. */
export function Book() {
  const { t } = useWords();
  const { person } = useSession();
  const pages = PAGES.filter(({ right }) => right === null || may(person, right));
  return (
    <>
      {pages.length > 1 && (
        <nav className="book-rooms" aria-label={t('book_rooms')}>
          {pages.map(({ path, word }) => (
            <NavLink key={path} to={path}>
              {t(word)}
            </NavLink>
          ))}
        </nav>
      )}
      <Outlet />
    </>
  );
}
