import { describe, expect, test } from 'vitest';
import { chooseLanguage, translator } from '../src/shared/catalogue.ts';
import { en as deskEn } from '../src/desk/words/en.ts';
import { zh as deskZh } from '../src/desk/words/zh.ts';
import { en as chatEn, zh as chatZh } from '../src/widget/catalogue.ts';

const CATALOGUES: [string, Record<string, string>, Record<string, string>][] = [
  ['desk', deskZh, deskEn],
  ['widget', chatZh, chatEn],
];
const holes = (sentence: string): string[] => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();

describe.each(CATALOGUES)('the catalogue of the %s', (_name, zh, en) => {
  test('has the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  test('leaves the same holes to fill in both languages', () => {
    for (const [key, sentence] of Object.entries(zh)) expect([key, holes(en[key]!)]).toEqual([key, holes(sentence)]);
  });

  test('has no empty sentence', () => {
    for (const sentence of [...Object.values(zh), ...Object.values(en)]) expect(sentence.trim()).not.toBe('');
  });
});

test('a hole without a value stays visible', () => {
  const t = translator({ zh: { left: '还剩 {n} 条，{who}' }, en: { left: '{n} left, {who}' } }, 'zh');
  expect(t('left', { n: 3 })).toBe('还剩 3 条，{who}');
});

test('the first wish that names a language we speak decides, else Chinese', () => {
  expect(chooseLanguage(null, undefined, 'en-US', 'zh')).toBe('en');
  expect(chooseLanguage('fr', 'ZH-Hant')).toBe('zh');
  expect(chooseLanguage('fr')).toBe('zh');
});
