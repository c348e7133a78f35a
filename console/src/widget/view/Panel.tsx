import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { shortMoment } from '../../shared/moment.ts';
import { holderOf, type State } from '../state.ts';
import { Banner } from './Banner.tsx';
import { Composer } from './Composer.tsx';
import { useChat, type Chat } from './context.ts';
import { keepFocusInside } from './focus.ts';
import { CloseIcon } from './icons.tsx';
import { MessageList } from './MessageList.tsx';

/** The open chat: header, banner, list, composer. Escape closes it; Tab stays inside it. */
export function Panel({
  state,
  onClose,
  onLanguage,
}: {
  state: State;
  onClose: () => void;
  onLanguage: () => void;
}): JSX.Element {
  const chat = useChat();
  const { t } = chat;
  const panel = useRef<HTMLElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const brand = state.brand ?? t('brand');
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useEffect(holdPage, []);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    if (event.key === 'Escape' && !event.isComposing) onClose();
    else if (event.key === 'Tab' && panel.current) keepFocusInside(panel.current, event);
  };
  return (
    <section
      class="panel"
      ref={panel}
      role="dialog"
      aria-modal="true"
      aria-label={t('panel', { brand })}
      onKeyDown={onKeyDown}
      lang={chat.language === 'zh' ? 'zh-CN' : 'en'}
    >
      <header class="header">
        <span class={`dot ${state.link}`} aria-hidden="true" />
        <div class="titles">
          <h2>{brand}</h2>
          <p data-testid="status">{statusOf(state, chat)}</p>
        </div>
        <button type="button" class="plain" onClick={onLanguage} aria-label={t('language')} title={t('language')}>
          {t('languageShort')}
        </button>
        <button type="button" class="plain" onClick={onClose} aria-label={t('close')} title={t('close')}>
          <CloseIcon />
        </button>
      </header>
      {state.ticket && (
        <p class="ticket" data-testid="ticket">
          {ticketText(state.ticket, chat)}
        </p>
      )}
      <Banner state={state} />
      <MessageList state={state} />
      <Composer field={field} />
    </section>
  );
}

/** While the panel is the whole screen, the page behind it does not scroll. The query is the style sheet's. */
function holdPage(): (() => void) | undefined {
  if (!matchMedia('(max-width: 520px), (max-height: 480px)').matches) return undefined;
  const page = document.documentElement.style;
  const before = page.overflow;
  page.overflow = 'hidden';
  return () => {
    page.overflow = before;
  };
}

function statusOf(state: State, { t }: Chat): string {
  if (state.link === 'connecting' || state.link === 'idle') return t('link_connecting');
  if (state.floor !== 'agent') return t(`floor_${state.floor}`);
  const name = holderOf(state);
  return name ? t('floor_agent', { name }) : t('floor_agentUnnamed');
}

function ticketText(ticket: NonNullable<State['ticket']>, { t, language }: Chat): string {
  const status = language === 'zh' ? ticket.status : (ticket.status_en ?? ticket.status);
  const text = t('ticket', { number: ticket.number, status });
  return ticket.promised_at ? `${text} · ${t('promised', { time: shortMoment(ticket.promised_at, language) })}` : text;
}
