import { ImportOutlined } from '@ant-design/icons';
import { Button, Tag } from 'antd';
import { useState } from 'react';
import { NavLink, useNavigate, useParams } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { calendars, type Exchange } from '../api/calendar.ts';
import { may, useSession } from '../session/session.tsx';
import { NotFound } from '../shell/NotFound.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { ImportDrawer } from './ImportDrawer.tsx';
import { isMonth, monthOf, today } from './month.ts';
import { MonthView } from './MonthView.tsx';

const LOOK_EVERY_MS = 60_000;
const HOME = 'SSE';

/** The room of trading calendars: each exchange now, a month day by day, and days that are brought in. */
export function CalendarPage() {
  const { t } = useWords();
  const { person } = useSession();
  const { exchange = HOME, month } = useParams();
  const go = useNavigate();
  const source = useLoad(calendars.list, LOOK_EVERY_MS);
  const [asking, setAsking] = useState(false);
  const [round, setRound] = useState(0);
  const mayImport = may(person, 'watch');
  const shown = isMonth(month) ? month : monthOf(today());
  return (
    <Page
      title={t('calendars')}
      lead={t('calendars_lead')}
      source={source}
      actions={
        mayImport ? (
          <Button type="primary" icon={<ImportOutlined />} onClick={() => setAsking(true)}>
            {t('calendar_import')}
          </Button>
        ) : (
          <small className="quiet">{t('calendar_importWho')}</small>
        )
      }
    >
      {(rows) =>
        rows.some((one) => one.exchange === exchange) ? (
          <>
            <nav className="exchanges" aria-label={t('calendar_exchanges')}>
              {rows.map((one) => (
                <ExchangeLink key={one.exchange} one={one} month={shown} />
              ))}
            </nav>
            <MonthView
              key={`${exchange} ${round}`}
              exchange={exchange}
              month={shown}
              onMonth={(to) => void go(`/book/calendars/${exchange}/${to}`, { replace: true })}
            />
            {asking && (
              <ImportDrawer
                onClose={() => setAsking(false)}
                onDone={async () => {
                  setRound((n) => n + 1);
                  await source.reload();
                }}
              />
            )}
          </>
        ) : (
          <NotFound />
        )
      }
    </Page>
  );
}

function ExchangeLink({ one, month }: { one: Exchange; month: string }) {
  const { t, say, language } = useWords();
  return (
    <NavLink to={`/book/calendars/${one.exchange}/${month}`} className="exchange" data-exchange={one.exchange} replace>
      <strong>{say('exchange', one.exchange)}</strong>
      <small className={one.is_open ? 'good' : 'quiet'}>
        {one.is_open ? t('calendar_open') : t('calendar_opens', { at: shortMoment(one.next_open, language) })}
      </small>
      {!one.is_confirmed && <Tag color="warning">{t('calendar_unconfirmed')}</Tag>}
    </NavLink>
  );
}
