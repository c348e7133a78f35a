/**
 * Splits plain text into the few shapes a bubble may show: lines, numbered or bulleted lists, http(s) links.
 *
 * The result is data, never markup: whoever renders it makes text nodes of every string, so nothing that a
 * client or an agent types can become an element.
 */

export type Inline = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string };

export type Block =
  | { kind: 'lines'; lines: Inline[][] }
  | { kind: 'ordered'; start: number; items: Inline[][] }
  | { kind: 'bullets'; items: Inline[][] };

// A link ends at white space, at Chinese text or punctuation, at quotes and at brackets.
const LINK = /https?:\/\/[^\s<>"'`，。；：！？、（）【】《》“”‘’\u4e00-\u9fff]+/g;
const TRAILING = /[.,;:!?)\]]+$/;
const NUMBERED = /^\s*(\d{1,3})[.、)）]\s*(.+)$/;
const BULLET = /^\s*[-•·*]\s+(.+)$/;

/** Split one line into text and links; a link is kept only if the browser's own parser agrees it is http(s). */
export function parseInline(line: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of line.matchAll(LINK)) {
    const text = match[0].replace(TRAILING, '');
    if (!isWebAddress(text)) continue;
    if (match.index > from) parts.push({ kind: 'text', text: line.slice(from, match.index) });
    parts.push({ kind: 'link', text, href: text });
    from = match.index + text.length;
  }
  if (from < line.length || parts.length === 0) parts.push({ kind: 'text', text: line.slice(from) });
  return parts;
}

/** Split a whole text into blocks. A single numbered line ("1. …" alone) stays a line: it is not a list. */
export function parseBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) addLine(blocks, line);
  return blocks.map((block) => (block.kind === 'ordered' && block.items.length === 1 ? asLine(block) : block));
}

function addLine(blocks: Block[], line: string): void {
  const last = blocks.at(-1);
  const numbered = NUMBERED.exec(line);
  if (numbered) {
    const number = Number(numbered[1]);
    const item = parseInline(numbered[2]!);
    if (last?.kind === 'ordered' && number === last.start + last.items.length) last.items.push(item);
    else blocks.push({ kind: 'ordered', start: number, items: [item] });
    return;
  }
  const bullet = BULLET.exec(line);
  if (bullet) {
    if (last?.kind === 'bullets') last.items.push(parseInline(bullet[1]!));
    else blocks.push({ kind: 'bullets', items: [parseInline(bullet[1]!)] });
    return;
  }
  if (last?.kind === 'lines') last.lines.push(parseInline(line));
  else blocks.push({ kind: 'lines', lines: [parseInline(line)] });
}

function asLine(block: { start: number; items: Inline[][] }): Block {
  return { kind: 'lines', lines: [[{ kind: 'text', text: `${block.start}. ` }, ...block.items[0]!]] };
}

function isWebAddress(text: string): boolean {
  try {
    const { protocol, hostname } = new URL(text);
    return (protocol === 'https:' || protocol === 'http:') && hostname !== '';
  } catch {
    return false;
  }
}
