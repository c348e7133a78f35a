import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Alert, Button, Skeleton } from 'antd';
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { calendars, type CalendarDay, type CalendarMonth } from '../api/calendar.ts';
import { may, useSession } from '../session/session.tsx';
import { Failure } from '../shell/Failure.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { DaySheet } from './DaySheet.tsx';
import { monthLabel, monthOf, sayHoliday, today, weeksOf } from './month.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

interface Props {
  exchange: string;
  month: string;
  onMonth: (month: string) => void;
}

/** A month of one exchange; the chosen day is explained beside it. */
export function MonthView({ exchange, month, onMonth }: Props) {
  const { t, language } = useWords();
  const source = useLoad(useCallback(() => calendars.month(exchange, month), [exchange, month]));
  const turn = (by: number): void => onMonth(monthOf(month, by));
  useShortcuts({ next: () => turn(1), previous: () => turn(-1) });
  const [year = ''] = month.split('-');
  const { data, error } = source;
  return (
    <>
      <div className="month-head">
        <Button
          icon={<LeftOutlined />}
          aria-label={t('calendar_before')}
          title={`${t('calendar_before')} (K)`}
          onClick={() => turn(-1)}
        />
        <h2>{monthLabel(month, language)}</h2>
        <Button
          icon={<RightOutlined />}
          aria-label={t('calendar_after')}
          title={`${t('calendar_after')} (J)`}
          onClick={() => turn(1)}
        />
        <Button onClick={() => onMonth(monthOf(today()))} disabled={month === monthOf(today())}>
          {t('calendar_thisMonth')}
        </Button>
        {data && (
          <span className="quiet">{t('calendar_count', { n: data.days.filter((one) => one.is_trading).length })}</span>
        )}
        <span className="gap" />
        <small className="quiet keys-hint">{t('calendar_keys')}</small>
      </div>
      {error !== null && !data && <Failure error={error} retry={() => void source.reload()} />}
      {error === null && !data && <Skeleton active paragraph={{ rows: 8 }} />}
      {data && <Whole key={`${data.exchange} ${data.month}`} data={data} year={year} />}
    </>
  );
}

function Whole({ data, year }: { data: CalendarMonth; year: string }) {
  const { t } = useWords();
  const { person } = useSession();
  const [chosen, setChosen] = useState(() => {
    const now = today();
    return data.days.some(({ day }) => day === now) ? now : (data.days[0]?.day ?? '');
  });
  const day = data.days.find((one) => one.day === chosen);
  const isOpen = data.days.some(({ ground }) => ground === 'none');
  return (
    <>
      {isOpen && (
        <Alert
          type="warning"
          showIcon
          title={t(may(person, 'watch') ? 'calendar_unconfirmedMore' : 'calendar_unconfirmedAsk', { year })}
        />
      )}
      <div className="month">
        <Grid data={data} chosen={chosen} onChoose={setChosen} />
        {day && <DaySheet day={day} notice={data.notice} hasNights={data.days.some((one) => one.has_night)} />}
      </div>
    </>
  );
}

interface GridProps {
  data: CalendarMonth;
  chosen: string;
  onChoose: (day: string) => void;
}

/** The days in weeks; the arrow keys walk over them, one day is in the order of Tab. */
function Grid({ data, chosen, onChoose }: GridProps) {
  const { t, say } = useWords();
  const table = useRef<HTMLTableElement>(null);
  const isWalking = useRef(false);
  const isMixed = new Set(data.days.map(({ ground }) => ground === 'none')).size > 1;
  useEffect(() => {
    if (isWalking.current) table.current?.querySelector<HTMLElement>(`[data-day="${chosen}"]`)?.focus();
    isWalking.current = false;
  }, [chosen]);
  const walk = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    const to = by && data.days[data.days.findIndex(({ day }) => day === chosen) + by];
    if (!to) return;
    event.preventDefault();
    isWalking.current = true;
    onChoose(to.day);
  };
  return (
    <table
      className="month-grid"
      ref={table}
      onKeyDown={walk}
      aria-label={t('calendar_grid', { exchange: say('exchange', data.exchange), month: data.month })}
    >
      <thead>
        <tr>
          {WEEKDAYS.map((name) => (
            <th key={name} scope="col">
              {t(`calendar_${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeksOf(data.days).map((week, n) => (
          <tr key={n}>
            {week.map((day, at) => (
              <td key={at}>
                {day && <DayCell day={day} isMixed={isMixed} isChosen={day.day === chosen} onChoose={onChoose} />}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  day: CalendarDay;
  /** Whether the month has days of both kinds, confirmed and not: then each says which it is. */
  isMixed: boolean;
  isChosen: boolean;
  onChoose: (day: string) => void;
}

function DayCell({ day, isMixed, isChosen, onChoose }: CellProps) {
  const { t, say } = useWords();
  const isToday = day.day === today();
  const names = [
    'day-cell',
    day.is_trading ? 'trading' : 'closed',
    day.ground,
    isChosen ? 'chosen' : '',
    isToday ? 'today' : '',
  ];
  return (
    <button
      type="button"
      className={names.join(' ')}
      data-day={day.day}
      aria-pressed={isChosen}
      tabIndex={isChosen ? 0 : -1}
      onClick={() => onChoose(day.day)}
    >
      <b>
        {Number(day.day.slice(8))}
        {isToday && <small>{t('calendar_today')}</small>}
      </b>
      <span>
        {day.is_trading ? t('calendar_day') : day.holiday ? sayHoliday(day.holiday, say) : t('calendar_closed')}
      </span>
      {day.has_night && <span className="night">{t('calendar_night')}</span>}
      {isMixed && day.ground === 'none' && <span className="warn">{t('calendar_unconfirmed')}</span>}
      {day.ground === 'import' && <span className="good">{t('calendar_isImported')}</span>}
    </button>
  );
}
