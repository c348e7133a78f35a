/** The page's handle on the widget, `window.ZhidaChat`. */
import type { Language } from '../shared/moment.ts';
import type { Theme } from './settings.ts';

export interface ZhidaChat {
  open: () => void;
  close: () => void;
  /** The host app's new token, or null for a visitor. */
  setToken: (token: string | null) => void;
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
  /** Take the widget out of the page; another script tag puts it in again. */
  destroy: () => void;
}

declare global {
  interface Window {
    ZhidaChat?: ZhidaChat;
  }
}
