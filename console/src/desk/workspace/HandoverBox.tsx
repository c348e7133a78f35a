import { Collapse, Tag } from 'antd';
import type { Handover } from '../api/types.ts';
import { useWords } from '../words/words.tsx';

interface Props {
  handover: Handover;
  /** Unfolded while somebody decides whether to take the ticket; for its holder one line, so that the talk has the room. */
  open: boolean;
}

/** Why the assistant handed over and what it knew: on top of the conversation, unfolded and folded by a click. */
export function HandoverBox({ handover, open }: Props) {
  const { t, say } = useWords();
  const label = (
    <span className="handover-title">
      {t('handover')}
      <Tag color={handover.reason === 'complaint' ? 'red' : 'blue'}>{say('reason', handover.reason)}</Tag>
      <span className="quiet">{handover.summary}</span>
    </span>
  );
  return (
    <Collapse
      key={String(open)}
      className="handover-box"
      size="small"
      defaultActiveKey={open ? ['it'] : []}
      items={[{ key: 'it', label, children: <What handover={handover} /> }]}
    />
  );
}

function What({ handover }: { handover: Handover }) {
  const { t, say } = useWords();
  const slots = Object.entries(handover.slots ?? {}).filter(([, value]) => value !== null && value !== '');
  const turns = handover.turns ?? [];
  return (
    <dl className="handover">
      <dt>{t('summary')}</dt>
      <dd>{handover.summary || t('none')}</dd>
      <dt>{t('intent')}</dt>
      <dd>
        {handover.intent ? say('intent', handover.intent) : t('none')}
        {handover.intent && typeof handover.confidence === 'number' && (
          <span className="quiet"> · {t('confidence', { percent: Math.round(handover.confidence * 100) })}</span>
        )}
      </dd>
      <dt>{t('slots')}</dt>
      <dd className="slots">
        {slots.length === 0
          ? t('none')
          : slots.map(([name, value]) => (
              <Tag key={name}>
                {t('pair', {
                  name: say('slot', name),
                  value: say('value', typeof value === 'object' ? JSON.stringify(value) : String(value)),
                })}
              </Tag>
            ))}
      </dd>
      {turns.length > 0 && (
        <>
          <dt>{t('turns')}</dt>
          <dd>
            <details>
              <summary>{t('turnCount', { n: turns.length })}</summary>
              <ol className="turns">
                {turns.map((turn, index) => (
                  <li key={index}>
                    <b>{t(turn.author)}</b>
                    {turn.text}
                  </li>
                ))}
              </ol>
            </details>
          </dd>
        </>
      )}
    </dl>
  );
}
