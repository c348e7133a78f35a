/** What the client book says in English. */
import type { zh } from './book.zh.ts';

export const en: Readonly<Record<keyof typeof zh, string>> = {
  menu_book: 'Client book',
  menu_tiers: 'Tiers',
  menu_imports: 'Import',
  menu_merges: 'Merge',
  menu_calendars: 'Trading calendar',
  book_rooms: 'Pages of the client book',
};
