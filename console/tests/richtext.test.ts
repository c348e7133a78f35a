import { expect, test } from 'vitest';
import { parseBlocks, parseInline } from '../src/shared/richtext.ts';

const text = (value: string) => ({ kind: 'text', text: value });
const link = (value: string) => ({ kind: 'link', text: value, href: value });

test('markup stays text', () => {
  const evil = '<img src=x onerror=alert(1)><script>alert(1)</script>';
  expect(parseBlocks(evil)).toEqual([{ kind: 'lines', lines: [[text(evil)]] }]);
});

test('only http and https become links', () => {
  for (const line of ['javascript:alert(1)', 'data:text/html,x', 'ftp://example.com', 'http://', 'https:///']) {
    expect(parseInline(line)).toEqual([text(line)]);
  }
});

test('a link ends before Chinese text, punctuation and closing brackets', () => {
  expect(parseInline('详见https://a.cn/规则，谢谢')).toEqual([text('详见'), link('https://a.cn/'), text('规则，谢谢')]);
  expect(parseInline('(see https://a.cn/x?y=1#z).')).toEqual([text('(see '), link('https://a.cn/x?y=1#z'), text(').')]);
});

test('numbered lines become one list as long as they count on', () => {
  expect(parseBlocks('请准备：\n1. 身份证\n2、银行卡\n谢谢')).toEqual([
    { kind: 'lines', lines: [[text('请准备：')]] },
    { kind: 'ordered', start: 1, items: [[text('身份证')], [text('银行卡')]] },
    { kind: 'lines', lines: [[text('谢谢')]] },
  ]);
});

test('a single numbered line and a price are no list', () => {
  for (const line of ['1. 只有一条', '3.50 元'])
    expect(parseBlocks(line)).toEqual([{ kind: 'lines', lines: [[text(line)]] }]);
  expect(parseBlocks('3.50 元\n4.20 元')).toEqual([{ kind: 'lines', lines: [[text('3.50 元')], [text('4.20 元')]] }]);
});

test('line breaks of every kind are kept', () => {
  expect(parseBlocks('一\r\n二\r三')).toEqual([{ kind: 'lines', lines: [[text('一')], [text('二')], [text('三')]] }]);
});

test('whatever is put in comes out, character by character, in lines without lists', () => {
  for (const line of ['', ' ', 'http', 'https://a.cn https://b.cn', 'a<b>&c', 'https://a.cn,']) {
    expect(
      parseInline(line)
        .map((part) => part.text)
        .join(''),
    ).toBe(line);
  }
});
