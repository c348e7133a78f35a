import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { translator } from '../../shared/catalogue.ts';
import type { Language } from '../../shared/moment.ts';
import { en, zh } from '../catalogue.ts';
import type { ChatSession } from '../session.ts';
import { unreadCount } from '../state.ts';
import { ChatContext, useChatState } from './context.ts';
import { ChatIcon, CloseIcon } from './icons.tsx';
import { Panel } from './Panel.tsx';

/** What the page may do to the widget from outside: `window.ZhidaChat` calls these. */
export interface Controls {
  setOpen: (open: boolean) => void;
  setLanguage: (language: Language) => void;
}

interface Props {
  session: ChatSession;
  language: Language;
  open: boolean;
  onControls: (controls: Controls) => void;
  onLanguage: (language: Language) => void;
}

/** The launcher and, when it is open, the panel. */
export function App(props: Props): JSX.Element {
  const { session } = props;
  const [open, setOpen] = useState(props.open);
  const [language, setLanguage] = useState(props.language);
  const launcher = useRef<HTMLButtonElement>(null);
  const state = useChatState(session);
  const chat = useMemo(() => ({ session, language, t: translator({ zh, en }, language) }), [session, language]);
  const speak = (next: Language): void => {
    setLanguage(next);
    props.onLanguage(next);
  };
  useEffect(() => props.onControls({ setOpen, setLanguage: speak }), []);
  useEffect(() => {
    if (open) session.start();
  }, [open]);
  const close = (): void => {
    setOpen(false);
    launcher.current?.focus();
  };
  const unread = open ? 0 : unreadCount(state);
  const label = unread > 0 ? chat.t('launcherUnread', { n: unread }) : chat.t('launcher');
  return (
    <ChatContext.Provider value={chat}>
      {open && <Panel state={state} onClose={close} onLanguage={() => speak(language === 'zh' ? 'en' : 'zh')} />}
      <button
        type="button"
        ref={launcher}
        class={open ? 'launcher opened' : 'launcher'}
        aria-label={open ? chat.t('close') : label}
        aria-expanded={open}
        onClick={() => (open ? close() : setOpen(true))}
      >
        {open ? <CloseIcon /> : <ChatIcon />}
        {unread > 0 && (
          <span class="badge" aria-hidden="true">
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </button>
    </ChatContext.Provider>
  );
}
