import { Checkbox, Input, InputNumber, Radio, Select } from 'antd';
import type { Schedule } from '../api/campaign.ts';
import { useWords } from '../words/words.tsx';
import { toLocal, toMoment } from './draft.ts';

const KINDS = ['now', 'once', 'daily', 'weekly', 'monthly', 'trading'] as const;
const EXCHANGES = ['SSE', 'SZSE', 'SHFE', 'DCE', 'CZCE', 'CFFEX', 'INE', 'GFEX'];
const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;

const FIRST: Readonly<Record<Schedule['kind'], Schedule>> = {
  now: { kind: 'now' },
  once: { kind: 'once', at: '' },
  daily: { kind: 'daily', time: '10:00' },
  weekly: { kind: 'weekly', weekdays: [1], time: '10:00' },
  monthly: { kind: 'monthly', days: [1], time: '10:00' },
  trading: { kind: 'trading', exchange: 'SSE', session: 'close', minutes: 30 },
};

interface Props {
  value: Schedule;
  onChange: (value: Schedule) => void;
}

/** When it goes out: at once, at a moment, again and again, or by the trading calendar. */
export function ScheduleFields({ value, onChange }: Props) {
  const { t } = useWords();
  return (
    <>
      <Radio.Group
        aria-label={t('campaign_schedule')}
        value={value.kind}
        options={KINDS.map((kind) => ({ value: kind, label: t(`schedule_kind_${kind}`) }))}
        onChange={(event) => onChange(FIRST[event.target.value as Schedule['kind']])}
      />
      {value.kind === 'once' && (
        <Input
          type="datetime-local"
          aria-label={t('schedule_at')}
          value={toLocal(value.at)}
          onChange={(event) => onChange({ kind: 'once', at: toMoment(event.target.value) })}
        />
      )}
      {value.kind === 'weekly' && (
        <Checkbox.Group
          value={value.weekdays}
          options={DAYS.map((day) => ({ value: day, label: t(`weekday_${day}`) }))}
          onChange={(weekdays) => onChange({ ...value, weekdays: [...weekdays].sort((a, b) => a - b) })}
        />
      )}
      {value.kind === 'monthly' && (
        <Select
          mode="multiple"
          aria-label={t('schedule_days')}
          value={value.days}
          options={Array.from({ length: 31 }, (_, n) => ({ value: n + 1, label: String(n + 1) }))}
          onChange={(days) => onChange({ ...value, days: [...days].sort((a, b) => a - b) })}
        />
      )}
      {(value.kind === 'daily' || value.kind === 'weekly' || value.kind === 'monthly') && (
        <Input
          type="time"
          aria-label={t('schedule_time')}
          value={value.time.slice(0, 5)}
          onChange={(event) => event.target.value && onChange({ ...value, time: event.target.value })}
        />
      )}
      {value.kind === 'trading' && <Trading value={value} onChange={onChange} />}
      <small className="quiet">{t('schedule_zone')}</small>
    </>
  );
}

function Trading({
  value,
  onChange,
}: {
  value: Extract<Schedule, { kind: 'trading' }>;
  onChange: (value: Schedule) => void;
}) {
  const { t } = useWords();
  return (
    <div className="filters">
      <Select
        aria-label={t('schedule_exchange')}
        value={value.exchange}
        options={EXCHANGES.map((name) => ({ value: name, label: name }))}
        onChange={(exchange) => onChange({ ...value, exchange })}
      />
      <Select
        aria-label={t('schedule_session')}
        value={value.session}
        options={[
          { value: 'open', label: t('schedule_open') },
          { value: 'close', label: t('schedule_close') },
        ]}
        onChange={(session) => onChange({ ...value, session })}
      />
      <InputNumber<number>
        aria-label={t('schedule_minutes')}
        min={-720}
        max={720}
        precision={0}
        value={value.minutes}
        suffix={t('minutes')}
        onChange={(minutes) => minutes !== null && onChange({ ...value, minutes })}
      />
      <small className="quiet">{t('schedule_minutesHint')}</small>
    </div>
  );
}
