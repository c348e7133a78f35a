import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { chooseLanguage } from '../../shared/catalogue.ts';
import type { Language } from '../../shared/moment.ts';

export type ThemeWish = 'auto' | 'light' | 'dark';

interface Preferences {
  language: Language;
  theme: ThemeWish;
  dark: boolean;
  /** The person asked the system for as little motion as possible. */
  still: boolean;
  setLanguage: (language: Language) => void;
  setTheme: (theme: ThemeWish) => void;
}

const PreferencesContext = createContext<Preferences | null>(null);

/** Language and look, kept in this browser; nothing personal is. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => chooseLanguage(recall('language')));
  const [theme, setTheme] = useState<ThemeWish>(() => asTheme(recall('theme')));
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const still = useMedia('(prefers-reduced-motion: reduce)');
  useEffect(() => keep('language', language), [language]);
  useEffect(() => keep('theme', theme), [theme]);
  const dark = theme === 'dark' || (theme === 'auto' && systemDark);
  const value = useMemo(
    () => ({ language, theme, dark, still, setLanguage, setTheme }),
    [language, theme, dark, still],
  );
  return <PreferencesContext value={value}>{children}</PreferencesContext>;
}

export function usePreferences(): Preferences {
  const preferences = use(PreferencesContext);
  if (!preferences) throw new Error('usePreferences is called outside PreferencesProvider');
  return preferences;
}

function useMedia(condition: string): boolean {
  const query = useMemo(() => matchMedia(condition), [condition]);
  const [matches, setMatches] = useState(query.matches);
  useEffect(() => {
    const look = (): void => setMatches(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, [query]);
  return matches;
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
