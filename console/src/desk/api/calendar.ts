/** When each exchange trades: now, and day by day. */
import { get, post } from './http.ts';

export interface Exchange {
  exchange: string;
  is_open: boolean;
  next_open: string;
  /** Sessions of today, as "09:00-10:15". */
  today: string[];
  next_day: string;
  is_confirmed: boolean;
  imported: number;
}

export interface CalendarDay {
  day: string;
  sessions: string[];
  is_trading: boolean;
  has_night: boolean;
  /** What the day rests on. */
  ground: 'import' | 'notice' | 'none';
  /** What the import named. */
  source: string | null;
  holiday: string | null;
}

export interface CalendarMonth {
  exchange: string;
  month: string;
  notice: { source: string; url: string | null } | null;
  days: CalendarDay[];
}

const PATH = '/v1/calendars';

/** So many characters the service takes in one file, and in the name of its source. */
export const MOST_CSV = 80_000;
export const MOST_SOURCE = 200;

export const calendars = {
  list: async () => (await get<{ calendars: Exchange[] }>(PATH)).calendars,
  month: (exchange: string, month: string) => get<CalendarMonth>(`${PATH}/${exchange}/months/${month}`),
  take: async (csv: string, source: string) => (await post<{ count: number }>(`${PATH}/days`, { csv, source })).count,
};
