import type { Language } from './moment.ts';

/** Sentences by key; `{name}` in a sentence is filled from the values given to the translator. */
export type Catalogue = Readonly<Record<string, string>>;

export type Values = Readonly<Record<string, string | number>>;

export type Translate<Key extends string> = (key: Key, values?: Values) => string;

/** Return the function that says a key in `language`; both catalogues hold the same keys (a test sees to it). */
export function translator<Key extends string>(
  catalogues: Readonly<Record<Language, Readonly<Record<Key, string>>>>,
  language: Language,
): Translate<Key> {
  const catalogue = catalogues[language];
  return (key, values = {}) =>
    catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Choose the language of a wish such as "zh-CN", "en-US" or nothing: Chinese unless it clearly says English. */
export function chooseLanguage(...wishes: (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    if (wish?.toLowerCase().startsWith('zh')) return 'zh';
    if (wish?.toLowerCase().startsWith('en')) return 'en';
  }
  return 'zh';
}
