import {
  BellOutlined,
  CustomerServiceOutlined,
  MailOutlined,
  MessageOutlined,
  MobileOutlined,
  PhoneOutlined,
  TeamOutlined,
  WechatOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';
import { shortMoment, span } from '../../shared/moment.ts';
import type { TicketRow } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import { lateness } from './lateness.ts';

/** A row of the list: who, what they ask, how long they have waited, whether the promise holds, with whom it is or why it came. */
export function TicketLine({
  row,
  selected,
  now,
  onSelect,
}: {
  row: TicketRow;
  selected: boolean;
  now: number;
  onSelect: (row: TicketRow) => void;
}) {
  const { t, say, language } = useWords();
  const urgent = row.priority === 'critical' || row.priority === 'urgent' || row.priority === 'high';
  const last = row.last_message;
  const said = last && (last.text || `[${say('kind', last.kind)}]`);
  return (
    <button
      type="button"
      className={selected ? 'line selected' : 'line'}
      aria-current={selected}
      onClick={() => onSelect(row)}
      data-ticket={row.number}
    >
      <span className="line-top">
        <ChannelMark channel={row.channel} />
        <strong>{row.client?.name ?? t('stranger')}</strong>
        {urgent && <em className={`urgent ${row.priority}`}>{say('priority', row.priority)}</em>}
        <span className="gap" />
        {last && <time dateTime={last.at}>{shortMoment(last.at, language)}</time>}
      </span>
      <span className="line-title" title={row.title}>
        {row.title}
      </span>
      <span className="line-last">
        <span>{last ? t('lastSaid', { who: t(last.author), text: said ?? '' }) : say('reason', row.reason)}</span>
        {row.unread > 0 && <b aria-label={t('unread', { n: row.unread })}>{row.unread > 99 ? '99+' : row.unread}</b>}
      </span>
      <span className="line-foot">
        {row.undelivered > 0 && <b className="undelivered">{t('undeliveredCount', { n: row.undelivered })}</b>}
        <Waiting row={row} now={now} />
        <span className="gap" />
        <span>{row.assignee?.name ?? say('reason', row.reason)}</span>
      </span>
    </button>
  );
}

function Waiting({ row, now }: { row: TicketRow; now: number }) {
  const { t, say, language } = useWords();
  if (row.state === 'resolved' || row.state === 'closed')
    return (
      <span>
        {say('state', row.state)} · {row.number}
      </span>
    );
  const late = lateness(row, now);
  return (
    <span>
      {row.assignee ? say('state', row.state) : t('waited', { span: span(now - Date.parse(row.opened_at), language) })}
      {late && (
        <i className={late.kind}>
          {' '}
          · {t(late.kind === 'late' ? 'overdue' : 'dueIn', { span: span(late.ms, language) })}
        </i>
      )}
    </span>
  );
}

const MARKS: Readonly<Record<string, ReactNode>> = {
  wechat: <WechatOutlined />,
  kf: <CustomerServiceOutlined />,
  sms: <MobileOutlined />,
  email: <MailOutlined />,
  voice: <PhoneOutlined />,
  push: <BellOutlined />,
  staff: <TeamOutlined />,
};

/** A channel as a sign, with its name for who does not see it. */
export function ChannelMark({ channel }: { channel: string }) {
  const { say } = useWords();
  const label = say('channel', channel);
  return (
    <span className={`channel ${channel}`} role="img" aria-label={label} title={label}>
      {MARKS[channel] ?? <MessageOutlined />}
    </span>
  );
}
