/** The strip under the header that says in plain words when something is wrong, and offers what can be done. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { State } from '../state.ts';
import { useChat } from './context.ts';

export function Banner({ state }: { state: State }): JSX.Element {
  const { t, session, language } = useChat();
  const seconds = useSecondsUntil(state.link === 'waiting' ? state.retryAt : null);
  const problem = problemOf();
  return (
    <div class="banner" role="status" aria-live="polite" data-testid="banner">
      {problem && (
        <p class={`problem-${state.link}`}>
          <span>{problem.text}</span>
          {problem.action && (
            <button type="button" onClick={problem.do}>
              {problem.action}
            </button>
          )}
        </p>
      )}
      {state.notice && (
        <p class="problem-notice">
          <span>{language === 'zh' ? state.notice.text : state.notice.textEn}</span>
          <button type="button" onClick={() => session.dismissNotice()}>
            {t('dismiss')}
          </button>
        </p>
      )}
    </div>
  );

  function problemOf(): { text: string; action?: string; do?: () => void } | null {
    const again = { do: () => session.reconnect() };
    if (state.link === 'offline') return { text: t('link_offline') };
    if (state.link === 'waiting') {
      return {
        text: seconds > 0 ? t('link_waiting', { seconds }) : t('link_waitingNow'),
        action: t('retryNow'),
        ...again,
      };
    }
    if (state.link === 'signed-out') return { text: t('link_signedOut') };
    if (state.link === 'replaced') return { text: t('link_replaced'), action: t('here'), ...again };
    return null;
  }
}

function useSecondsUntil(moment: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (moment === null) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [moment]);
  return moment === null ? 0 : Math.max(0, Math.ceil((moment - now) / 1_000));
}
