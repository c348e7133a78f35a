import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { chooseLanguage } from '../../shared/catalogue.ts';
import type { Language } from '../../shared/moment.ts';

export type ThemeWish = 'auto' | 'light' | 'dark';

interface Preferences {
  language: Language;
  theme: ThemeWish;
  dark: boolean;
  setLanguage: (language: Language) => void;
  setTheme: (theme: ThemeWish) => void;
}

const PreferencesContext = createContext<Preferences | null>(null);

/** Language and look, kept in this browser; nothing personal is. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => chooseLanguage(recall('language')));
  const [theme, setTheme] = useState<ThemeWish>(() => asTheme(recall('theme')));
  const systemDark = useSystemDark();
  useEffect(() => keep('language', language), [language]);
  useEffect(() => keep('theme', theme), [theme]);
  const dark = theme === 'dark' || (theme === 'auto' && systemDark);
  const value = useMemo(() => ({ language, theme, dark, setLanguage, setTheme }), [language, theme, dark]);
  return <PreferencesContext value={value}>{children}</PreferencesContext>;
}

export function usePreferences(): Preferences {
  const preferences = use(PreferencesContext);
  if (!preferences) throw new Error('usePreferences is called outside PreferencesProvider');
  return preferences;
}

function useSystemDark(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const look = (): void => setDark(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, [query]);
  return dark;
}

function asTheme(kept: string | null): ThemeWish {
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

function recall(name: string): string | null {
  try {
    return localStorage.getItem(`zhida.desk.${name}`);
  } catch {
    return null;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`zhida.desk.${name}`, value);
  } catch {
    // Storage is forbidden: the choice lasts until the page is closed.
  }
}
