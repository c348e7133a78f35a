import { expect, test } from 'vitest';
import { drawBlocks, type Make } from '../src/shared/richview.ts';

interface Drawn {
  name: string;
  props: Record<string, unknown>;
  children: (Drawn | string)[];
}

const make: Make<Drawn> = (name, props, ...children) => ({ name, props, children });
const show = (one: Drawn | string): string =>
  typeof one === 'string' ? `"${one}"` : `${one.name}(${one.children.map(show).join(' ')})`;
const draw = (text: string): string => drawBlocks(text, make).map(show).join(' ');

test('lines break inside one paragraph, lists keep their first number', () => {
  expect(draw('一\n二')).toBe('p("一" br() "二")');
  expect(draw('请准备：\n3. 身份证\n4. 银行卡')).toBe('p("请准备：") ol(li("身份证") li("银行卡"))');
  expect(drawBlocks('3. 甲\n4. 乙', make)[0]?.props).toMatchObject({ start: 3 });
  expect(draw('- 甲\n- 乙')).toBe('ul(li("甲") li("乙"))');
});

test('what looks like markup stays text, and a link opens outside without a word about us', () => {
  expect(draw('<b>粗</b>')).toBe('p("<b>粗</b>")');
  const [paragraph] = drawBlocks('见 https://a.example/x', make);
  const link = paragraph?.children[1] as Drawn;
  expect(link.children).toEqual(['https://a.example/x']);
  expect(link.props).toEqual({
    href: 'https://a.example/x',
    target: '_blank',
    rel: 'noopener noreferrer nofollow',
  });
});
