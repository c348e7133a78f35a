// The trading calendars of the fake house: 2026 by its notice, other years by weekends alone, and days that were brought in.
import { fail, reply } from './http.mjs';

const STOCK = ['09:30-11:30', '13:00-15:00'];
const FUTURES = ['09:00-10:15', '10:30-11:30', '13:30-15:00'];
const HOURS = {
  SSE: [STOCK],
  SZSE: [STOCK],
  SHFE: [FUTURES, '21:00-02:30'],
  INE: [FUTURES, '21:00-02:30'],
  DCE: [FUTURES, '21:00-23:00'],
  CZCE: [FUTURES, '21:00-23:00'],
  GFEX: [FUTURES],
  CFFEX: [['09:30-11:30', '13:00-15:15']],
};
const CLOSED = {
  元旦: ['2026-01-01', '2026-01-03'],
  春节: ['2026-02-15', '2026-02-23'],
  中秋节: ['2026-09-25', '2026-09-27'],
  国庆节: ['2026-10-01', '2026-10-07'],
};
const NOTICE = {
  source: '上海期货交易所关于2026年休市安排的公告（〔2025〕157号，2025-12-17）',
  url: 'https://www.sse.com.cn/disclosure/announcement/general/c/c_20251222_10802507.shtml',
};

const plus = (day, by) => new Date(Date.parse(day) + by * 86_400_000).toISOString().slice(0, 10);

export class Calendars {
  constructor(house) {
    this.house = house;
    this.imported = new Map();
  }

  handle(response, person, { method, parts: [, exchange, , month], body }) {
    if (method === 'POST') return this.take(response, person, body);
    if (exchange) {
      if (!HOURS[exchange]) return fail(response, 404, 'not_found', '没有这个交易所。', 'There is no such exchange.');
      return reply(response, 200, this.month(exchange, month));
    }
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(this.house.now());
    const rows = Object.keys(HOURS).map((name) => {
      let next = plus(day, 1);
      while (!this.day(name, next).is_trading) next = plus(next, 1);
      return {
        ...{ exchange: name, is_open: name === 'SHFE', next_open: `${next}T09:00:00+08:00` },
        ...{ today: this.day(name, day).sessions, next_day: next, imported: this.imported.size },
        is_confirmed: this.day(name, next).ground !== 'none',
      };
    });
    return reply(response, 200, { calendars: rows });
  }

  month(exchange, month) {
    const days = [];
    for (let day = `${month}-01`; day.startsWith(month); day = plus(day, 1)) days.push(this.day(exchange, day));
    return { exchange, month, notice: month.startsWith('2026') ? NOTICE : null, days };
  }

  day(exchange, day) {
    const own = this.imported.get(`${exchange} ${day}`);
    const [usual, night] = HOURS[exchange];
    const holiday = Object.entries(CLOSED).find(([, [first, last]]) => day >= first && day <= last)?.[0] ?? null;
    const isWeekday = ![0, 6].includes(new Date(day).getUTCDay());
    const isTrading = own ? own.sessions.length > 0 : isWeekday && holiday === null;
    const isEve = Object.values(CLOSED).some(([first]) => plus(first, -1) === day);
    const sessions = own ? own.sessions : isTrading ? [...usual, ...(night && !isEve ? [night] : [])] : [];
    return {
      ...{ day, sessions, is_trading: isTrading, has_night: sessions.some((one) => one > '18') },
      ground: own ? 'import' : day.startsWith('2026') ? 'notice' : 'none',
      ...{ source: own?.source ?? null, holiday: own ? null : holiday },
    };
  }

  take(response, person, { csv, source }) {
    if (!person.roles.some((role) => role === 'supervisor' || role === 'admin'))
      return fail(response, 403, 'not_allowed', '您没有该操作的权限。', 'You may not do that.');
    const [, ...lines] = csv.trimEnd().split('\n');
    const days = lines.map((line) => line.split(','));
    const wrong = days.findIndex(([exchange, day]) => !HOURS[exchange] || !/^\d{4}-\d\d-\d\d$/.test(day ?? ''));
    if (wrong >= 0)
      return fail(
        response,
        400,
        'invalid_input',
        `第${wrong + 2}行有误：day 应为日期，如 2027-01-04，而不是“${days[wrong][1]}”。`,
        `Line ${wrong + 2}: day is a date such as 2027-01-04, not '${days[wrong][1]}'.`,
      );
    this.house.record('trading-days', { by: person.login, source, n: days.length });
    for (const [exchange, day, sessions = '', said = ''] of days)
      this.imported.set(`${exchange} ${day}`, {
        sessions: sessions.split(' ').filter(Boolean),
        source: said || source || person.login,
      });
    return reply(response, 200, { count: days.length });
  }
}
