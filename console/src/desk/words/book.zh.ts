/** What the client book says in Chinese: its rooms in the menu, and what they share. */
export const zh = {
  menu_book: '客户资料',
  menu_tiers: '分层',
  menu_imports: '导入',
  menu_merges: '合并',
  menu_calendars: '交易日历',
  book_rooms: '客户资料的各页',
} as const;
