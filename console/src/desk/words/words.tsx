import { createContext, use, useMemo, type ReactNode } from 'react';
import { translator, type Translate } from '../../shared/catalogue.ts';
import type { Language } from '../../shared/moment.ts';
import { ApiError } from '../api/http.ts';
import { en } from './en.ts';
import { zh, type Word } from './zh.ts';

export interface Words {
  language: Language;
  t: Translate<Word>;
  /** Say a code of the API (`state`, `reason`, `channel` …); one that we do not know is shown as it came. */
  say: (group: string, code: string | null | undefined) => string;
  /** What an error says, in the person's language. */
  explain: (error: unknown) => string;
}

const WordsContext = createContext<Words | null>(null);

export function makeWords(language: Language): Words {
  const t = translator<Word>({ zh, en }, language);
  return {
    language,
    t,
    say: (group, code) => {
      if (!code) return '—';
      const key = `${group}_${code}`;
      return key in zh ? t(key as Word) : code;
    },
    explain: (error) => {
      if (error instanceof ApiError) return language === 'zh' ? error.message : error.messageEn;
      return error instanceof Error ? error.message : String(error);
    },
  };
}

export function WordsProvider({ language, children }: { language: Language; children: ReactNode }) {
  const words = useMemo(() => makeWords(language), [language]);
  return <WordsContext value={words}>{children}</WordsContext>;
}

export function useWords(): Words {
  const words = use(WordsContext);
  if (!words) throw new Error('useWords is called outside WordsProvider');
  return words;
}
