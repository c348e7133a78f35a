/** What every part of the widget's screen needs: the session, the words, and the state as a hook. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Translate } from '../../shared/catalogue.ts';
import type { Language } from '../../shared/moment.ts';
import type { Key } from '../catalogue.ts';
import type { ChatSession } from '../session.ts';
import type { State } from '../state.ts';

export interface Chat {
  session: ChatSession;
  language: Language;
  t: Translate<Key>;
}

export const ChatContext = createContext<Chat | null>(null);

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error('useChat is called outside the widget');
  return chat;
}

/** The session's state; the component is drawn again at every change. */
export function useChatState(session: ChatSession): State {
  const [state, setState] = useState(session.getState);
  useEffect(() => {
    setState(session.getState());
    return session.subscribe(() => setState(session.getState()));
  }, [session]);
  return state;
}
