import { Collapse, Tag } from 'antd';
import type { Handover } from '../api/types.ts';
import { useWords } from '../words/words.tsx';

/** So many turns are shown at once; more unfold, for the conversation itself is right below. */
const FEW = 3;

/** Why the assistant handed over and what it knew: on top of the conversation, folded away by a click. */
export function HandoverBox({ handover }: { handover: Handover }) {
  const { t, say } = useWords();
  const slots = Object.entries(handover.slots ?? {}).filter(([, value]) => value !== null && value !== '');
  const turns = handover.turns ?? [];
  const label = (
    <span className="handover-title">
      {t('handover')}{' '}
      <Tag color={handover.reason === 'complaint' ? 'red' : 'blue'}>{say('reason', handover.reason)}</Tag>
    </span>
  );
  const children = (
    <dl className="handover">
      <div>
        <dt>{t('summary')}</dt>
        <dd>{handover.summary || t('none')}</dd>
      </div>
      <div>
        <dt>{t('intent')}</dt>
        <dd>
          {handover.intent ? (
            <>
              <code>{handover.intent}</code>
              {typeof handover.confidence === 'number' && (
                <span className="quiet"> · {t('confidence', { percent: Math.round(handover.confidence * 100) })}</span>
              )}
            </>
          ) : (
            t('none')
          )}
        </dd>
      </div>
      <div>
        <dt>{t('slots')}</dt>
        <dd>
          {slots.length === 0
            ? t('none')
            : slots.map(([name, value]) => (
                <Tag key={name}>
                  {name}: {typeof value === 'object' ? JSON.stringify(value) : String(value)}
                </Tag>
              ))}
        </dd>
      </div>
      {turns.length > 0 && (
        <div>
          <dt>{t('turns')}</dt>
          <dd>
            <details open={turns.length <= FEW}>
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
        </div>
      )}
    </dl>
  );
  return (
    <Collapse
      className="handover-box"
      size="small"
      defaultActiveKey={['it']}
      items={[{ key: 'it', label, children }]}
    />
  );
}
