/** Draws a text's blocks with whatever library makes the elements: the desk has React, the widget Preact. */
import { parseBlocks, type Inline } from './richtext.ts';

type Name = 'p' | 'br' | 'ol' | 'ul' | 'li' | 'a';

/** Makes an element, as React's `createElement` and Preact's `h` do; a string becomes a text node, never markup. */
export type Make<Node> = (name: Name, props: Record<string, unknown>, ...children: (Node | string)[]) => Node;

/** Return one element for each block of the text: paragraphs with their line breaks, lists, links. */
export function drawBlocks<Node>(text: string, make: Make<Node>): Node[] {
  return parseBlocks(text).map((block, key) => {
    if (block.kind === 'lines') {
      const lines = block.lines.map((line) => drawLine(line, make));
      return make('p', { key }, ...lines.flatMap((line, at) => (at > 0 ? [make('br', {}), ...line] : line)));
    }
    const items = block.items.map((item) => make('li', {}, ...drawLine(item, make)));
    return block.kind === 'ordered' ? make('ol', { key, start: block.start }, ...items) : make('ul', { key }, ...items);
  });
}

function drawLine<Node>(parts: Inline[], make: Make<Node>): (Node | string)[] {
  return parts.map((part) =>
    part.kind === 'text'
      ? part.text
      : make('a', { href: part.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, part.text),
  );
}
