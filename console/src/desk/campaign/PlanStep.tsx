import { Checkbox, Input, InputNumber, Select, Slider } from 'antd';
import { useWords } from '../words/words.tsx';
import type { StepProps } from './CampaignEditor.tsx';
import { toLocal, toMoment } from './draft.ts';
import { Labelled } from './Labelled.tsx';
import { ScheduleFields } from './ScheduleFields.tsx';

const ARMS = ['a', 'b', 'c', 'd'];

/** On which channels, in which arms, who is held out, when, how fast, and what counts as success. */
export function PlanStep({ draft, stock, change }: StepProps) {
  const { t, say, language } = useWords();
  const content = stock.contents.find((one) => one.id === draft.content_id);
  const channels = content?.channels ?? draft.channels;
  return (
    <div className="halves">
      <div className="sheet form">
        <h2>{t('campaign_how')}</h2>
        <Labelled label={t('menu_channels')} hint={t('campaign_channelsHint')}>
          <Checkbox.Group
            value={draft.channels}
            options={channels.map((value) => ({ value, label: say('channel', value) }))}
            onChange={(chosen) => change({ channels: channels.filter((one) => chosen.includes(one)) })}
          />
        </Labelled>
        <Arms draft={draft} stock={stock} change={change} />
        <Labelled label={t('campaign_holdOut')} hint={t('campaign_holdOutHint')}>
          <Slider
            ariaLabelForHandle={t('campaign_holdOut')}
            min={0}
            max={50}
            value={Math.round(draft.hold_out * 100)}
            marks={{ 0: '0', 10: '10%', 25: '25%', 50: '50%' }}
            onChange={(percent) => change({ hold_out: percent / 100 })}
          />
        </Labelled>
        <Labelled label={t('campaign_goal')} hint={t('campaign_goalHint')}>
          <Select
            aria-label={t('campaign_goal')}
            value={draft.goal ?? 'click'}
            options={[
              { value: 'click', label: t('goal_click') },
              { value: 'reply', label: t('goal_reply') },
              ...stock.language.events.map((event) => ({ value: `event:${event.type}`, label: event[language] })),
            ]}
            onChange={(goal) => change({ goal })}
          />
        </Labelled>
      </div>
      <div className="sheet form">
        <h2>{t('campaign_schedule')}</h2>
        <ScheduleFields value={draft.schedule} onChange={(schedule) => change({ schedule })} />
        <Labelled label={t('campaign_notAfter')} hint={t('campaign_notAfterHint')}>
          <Input
            type="datetime-local"
            aria-label={t('campaign_notAfter')}
            value={toLocal(draft.not_after)}
            onChange={(event) => change({ not_after: toMoment(event.target.value) || null })}
          />
        </Labelled>
        <Labelled label={t('campaign_speed')} hint={t('campaign_speedHint')}>
          <InputNumber<number>
            aria-label={t('campaign_speed')}
            min={1}
            max={100_000}
            value={draft.per_second}
            suffix={t('perSecond')}
            onChange={(per_second) => change({ per_second })}
          />
        </Labelled>
      </div>
    </div>
  );
}

function Arms({ draft, change }: StepProps) {
  const { t } = useWords();
  const names = Object.keys(draft.arms);
  const total = Object.values(draft.arms).reduce((sum, weight) => sum + weight, 0);
  return (
    <Labelled label={t('campaign_arms')} hint={t('campaign_armsHint')}>
      <Checkbox.Group
        aria-label={t('campaign_arms')}
        value={names}
        options={ARMS.map((value) => ({ value, label: value.toUpperCase(), disabled: value === 'a' }))}
        onChange={(chosen) =>
          change({
            arms: Object.fromEntries(
              ARMS.filter((one) => chosen.includes(one)).map((one) => [one, draft.arms[one] ?? 1]),
            ),
          })
        }
      />
      {names.length > 1 && (
        <ul className="weights">
          {names.map((name) => (
            <li key={name}>
              <span>{name.toUpperCase()}</span>
              <InputNumber<number>
                aria-label={t('campaign_weight', { arm: name.toUpperCase() })}
                min={0.1}
                max={1000}
                value={draft.arms[name] ?? 1}
                onChange={(weight) => weight && change({ arms: { ...draft.arms, [name]: weight } })}
              />
              <span className="quiet">{Math.round(((draft.arms[name] ?? 0) / total) * 100)}%</span>
            </li>
          ))}
        </ul>
      )}
    </Labelled>
  );
}
