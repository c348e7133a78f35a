/** What the embedding page says on the script tag. */
import { chooseLanguage } from '../shared/catalogue.ts';
import type { Language } from '../shared/moment.ts';

export type Theme = 'light' | 'dark' | 'auto';

export interface Settings {
  /** Where the chat service is: the origin the script came from, unless `data-base` says otherwise. */
  base: string;
  token: string | null;
  language: Language;
  theme: Theme;
  side: 'left' | 'right';
  accent: string | null;
  open: boolean;
}

/** Read the `data-…` attributes of the script tag; whatever is missing or unknown takes its default. */
export function readSettings(script: HTMLScriptElement | null, keptLanguage: string | null): Settings {
  const data = script?.dataset ?? {};
  const origin = script?.src ? new URL(script.src, location.href).origin : location.origin;
  return {
    base: (data['base'] ?? origin).replace(/\/$/, ''),
    token: data['token'] || null,
    language: chooseLanguage(keptLanguage, data['language'], navigator.language),
    theme: readTheme(data['theme']),
    side: data['side'] === 'left' ? 'left' : 'right',
    accent: data['accent'] && CSS.supports('color', data['accent']) ? data['accent'] : null,
    open: data['open'] === 'true',
  };
}

export function readTheme(wish: string | undefined): Theme {
  return wish === 'light' || wish === 'dark' ? wish : 'auto';
}
