import { CheckCircleOutlined, ClockCircleOutlined, InfoCircleOutlined, StopOutlined } from '@ant-design/icons';
import { span } from '../../shared/moment.ts';
import type { Reach } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import { useNow } from './useNow.ts';

/** What the channel allows now: freely, so many replies for so long, or nothing, then why and what else there is. */
export function ReachBar({ reach }: { reach: Reach }) {
  const { t, say, language } = useWords();
  const now = useNow();
  const name = say('channel', reach.channel);
  if (!reach.can_send) {
    const why = (language === 'en' ? reach.why_en : null) ?? reach.why;
    return (
      <div className="reach closed" role="status">
        <p>
          <StopOutlined /> {name} · {t('reach_closed')}
          {why ? `：${why}` : ''}
        </p>
        {reach.alternatives && reach.alternatives.length > 0 && (
          <ul>
            <li>{t('reach_alternatives')}</li>
            {reach.alternatives.map((other) => (
              <li key={other.channel} className={other.available ? 'ok' : 'quiet'}>
                {(language === 'en' ? other.title_en : null) ?? other.title}（
                {other.available ? t('reach_available') : other.why || t('reach_unavailable')}）
              </li>
            ))}
          </ul>
        )}
      </div>
    );
  }
  const { window } = reach;
  if (reach.notice)
    return (
      <p className="reach scarce" role="status" data-testid="reach-notice">
        <InfoCircleOutlined /> {name} · {say('notice', reach.notice)}
      </p>
    );
  if (!window)
    return (
      <p className="reach free">
        <CheckCircleOutlined /> {name} · {t('reach_free')}
      </p>
    );
  const left = Date.parse(window.expires_at) - now;
  const scarce = window.remaining <= 1 || left < 3_600_000;
  return (
    <p className={scarce ? 'reach scarce' : 'reach free'} data-testid="window">
      <ClockCircleOutlined /> {name} · {t('reach_window', { remaining: window.remaining, span: span(left, language) })}
    </p>
  );
}
