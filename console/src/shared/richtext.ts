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
const NUMBERED = /^\s*(\d{1,3})[.、)）](?!\d)\s*(.+)$/;
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

/** Split a whole text into blocks. A numbered line alone ("1. …") stays a line as it was written: it is no list. */
export function parseBlocks(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  lines.forEach((line, index) => {
    const here = readNumbered(line);
    const continues =
      here !== null &&
      (here.number - 1 === numberOf(lines[index - 1]) || here.number + 1 === numberOf(lines[index + 1]));
    if (here && continues) addNumbered(blocks, here);
    else addPlain(blocks, line);
  });
  return blocks;
}

interface Numbered {
  number: number;
  text: string;
}

function readNumbered(line: string): Numbered | null {
  const found = NUMBERED.exec(line);
  return found && { number: Number(found[1]), text: found[2]! };
}

function numberOf(line: string | undefined): number | undefined {
  return line === undefined ? undefined : readNumbered(line)?.number;
}

function addNumbered(blocks: Block[], { number, text }: Numbered): void {
  const last = blocks.at(-1);
  if (last?.kind === 'ordered' && number === last.start + last.items.length) last.items.push(parseInline(text));
  else blocks.push({ kind: 'ordered', start: number, items: [parseInline(text)] });
}

function addPlain(blocks: Block[], line: string): void {
  const last = blocks.at(-1);
  const bullet = BULLET.exec(line);
  if (bullet) {
    if (last?.kind === 'bullets') last.items.push(parseInline(bullet[1]!));
    else blocks.push({ kind: 'bullets', items: [parseInline(bullet[1]!)] });
  } else if (last?.kind === 'lines') last.lines.push(parseInline(line));
  else blocks.push({ kind: 'lines', lines: [parseInline(line)] });
}

function isWebAddress(text: string): boolean {
  try {
    const { protocol, hostname } = new URL(text);
    return (protocol === 'https:' || protocol === 'http:') && hostname !== '';
  } catch {
    return false;
  }
}
