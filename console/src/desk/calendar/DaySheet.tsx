import { Tag } from 'antd';
import type { CalendarDay, CalendarMonth } from '../api/calendar.ts';
import { useWords } from '../words/words.tsx';
import { clock, dayTitle, isNextDay, partsOf, sayHoliday, today, type Part } from './month.ts';

/** From eight in the morning to three at night: what no session of China's exchanges leaves. */
const FIRST_MINUTE = 8 * 60;
const LAST_MINUTE = 27 * 60;

interface Props {
  day: CalendarDay;
  notice: CalendarMonth['notice'];
  /** Whether the exchange has night sessions at all. */
  hasNights: boolean;
}

/** One day: its sessions and breaks, and which notice or import says so. */
export function DaySheet({ day, notice, hasNights }: Props) {
  const { t, say, language } = useWords();
  const parts = partsOf(day.sessions);
  return (
    <section className="sheet stack day-sheet" aria-live="polite" data-testid="day-sheet">
      <div>
        <h2 className="sheet-title">{dayTitle(day.day, language)}</h2>
        <p className="tags">
          <Tag color={day.is_trading ? 'success' : 'default'}>
            {day.is_trading ? t('calendar_trades') : t('calendar_closed')}
          </Tag>
          {day.day === today() && <Tag color="blue">{t('calendar_today')}</Tag>}
          {day.holiday && <Tag>{sayHoliday(day.holiday, say)}</Tag>}
          {hasNights && day.is_trading && !day.has_night && <Tag>{t('calendar_noNight')}</Tag>}
        </p>
      </div>
      {parts.length > 0 && (
        <>
          <div className="day-bar" aria-hidden="true">
            {parts.map((one) => (
              <i key={one.start} className={one.kind} style={placeOf(one)} />
            ))}
          </div>
          <ul className="rows parts">
            {parts.map((one) => (
              <li key={one.start} className={one.kind}>
                <span>{say('calendar_part', one.kind)}</span>
                <span>
                  {clock(one.start)} – {isNextDay(one) ? t('calendar_nextDay', { at: clock(one.end) }) : clock(one.end)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {day.has_night && <p className="quiet small">{t('calendar_nightCounts')}</p>}
      <div>
        <h3>{t('calendar_ground')}</h3>
        <Ground day={day} notice={notice} />
      </div>
    </section>
  );
}

function placeOf({ start, end }: Part): { left: string; width: string } {
  const whole = LAST_MINUTE - FIRST_MINUTE;
  return { left: `${((start - FIRST_MINUTE) / whole) * 100}%`, width: `${((end - start) / whole) * 100}%` };
}

function Ground({ day, notice }: { day: CalendarDay; notice: CalendarMonth['notice'] }) {
  const { t } = useWords();
  if (day.ground === 'import')
    return <p className="words">{t('calendar_ground_import', { source: day.source ?? '—' })}</p>;
  if (day.ground === 'none' || !notice) return <p className="warn">{t('calendar_ground_none')}</p>;
  return (
    <p className="words">
      {notice.source}{' '}
      {notice.url && (
        <a href={notice.url} target="_blank" rel="noreferrer">
          {t('calendar_notice')}
        </a>
      )}
    </p>
  );
}
