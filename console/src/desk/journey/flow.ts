/** Where the boxes and arrows of a journey's drawing are: rows and columns come from the service. */
import type { Graph, GraphEdge, GraphNode } from '../api/journey.ts';

export const BOX = { width: 248, height: 72 } as const;
const GAP = { x: 72, y: 52 } as const;
const EDGE = 16;
/** Arrows that pass rows run beside the boxes, each in a lane of its own. */
const LANE = 18;

export interface Box {
  node: GraphNode;
  x: number;
  y: number;
}

export interface Arrow {
  key: string;
  words: string;
  path: string;
  label: { x: number; y: number };
}

export interface Flow {
  boxes: Box[];
  arrows: Arrow[];
  width: number;
  height: number;
}

/** Lay a drawing out: a box for each step, a line for each way, lanes at the right for ways that skip rows. */
export function layOut({ nodes, edges }: Graph): Flow {
  const columns = Math.max(0, ...nodes.map((node) => node.column)) + 1;
  const rows = Math.max(0, ...nodes.map((node) => node.row)) + 1;
  const boxes = nodes.map((node) => ({
    node,
    x: EDGE + node.column * (BOX.width + GAP.x),
    y: EDGE + node.row * (BOX.height + GAP.y),
  }));
  const at = new Map(boxes.map((box) => [box.node.id, box]));
  const right = EDGE + columns * (BOX.width + GAP.x) - GAP.x;
  let lanes = 0;
  const arrows = edges.flatMap((edge) => {
    const from = at.get(edge.from);
    const to = at.get(edge.to);
    if (!from || !to) return [];
    const isNext = to.node.row === from.node.row + 1;
    return [isNext ? straight(edge, from, to) : around(edge, from, to, right + LANE * ++lanes)];
  });
  return {
    boxes,
    arrows,
    width: right + EDGE + LANE * (lanes + 1) + (lanes ? 92 : 0),
    height: EDGE * 2 + rows * (BOX.height + GAP.y) - GAP.y,
  };
}

function straight(edge: GraphEdge, from: Box, to: Box): Arrow {
  const x = from.x + BOX.width / 2;
  const y = from.y + BOX.height;
  const goal = to.x + BOX.width / 2;
  const half = y + GAP.y / 2;
  const path = x === goal ? `M${x} ${y}V${to.y - 2}` : `M${x} ${y}V${half}H${goal}V${to.y - 2}`;
  return {
    key: keyOf(edge),
    words: edge.words,
    path,
    label: x === goal ? { x: x + 8, y: y + 16 } : { x: goal + 8, y: half - 2 },
  };
}

function around(edge: GraphEdge, from: Box, to: Box, lane: number): Arrow {
  const start = { x: from.x + BOX.width, y: from.y + BOX.height / 2 };
  const over = to.y - GAP.y / 2 + 10;
  const goal = to.x + BOX.width / 2 + 40;
  const path = `M${start.x} ${start.y}H${lane}V${over}H${goal}V${to.y - 2}`;
  return { key: keyOf(edge), words: edge.words, path, label: { x: start.x + 8, y: start.y - 6 } };
}

function keyOf({ from, to, words }: GraphEdge): string {
  return `${from}>${to}:${words}`;
}

/** The half of a label that is in the reader's language: the service writes "否则 · otherwise". */
export function inLanguage(words: string, language: 'zh' | 'en'): string {
  return words
    .split(' / ')
    .map((part) => {
      const [zh, en] = part.split(' · ');
      return (language === 'en' ? en : zh) ?? part;
    })
    .join(' / ');
}
