/** Cells of a campaign's breakdown as rows: an arm's channels beside each other, and all of them together. */
import type { Cell } from '../api/campaign.ts';

export interface CellRow extends Cell {
  key: string;
  /** Over how many rows the arm's name stands; none where it stands above already. */
  span: number;
}

const COUNTS = ['planned', 'held', 'sent', 'parts', 'delivered', 'read', 'clicked', 'replied', 'unsubscribed'] as const;

/** One row a cell; an arm's name stands once over all of its channels. */
export function rowsOf(cells: readonly Cell[]): CellRow[] {
  return cells.map((cell, n) => ({
    ...cell,
    key: `${cell.arm}/${cell.channel}`,
    span: cells[n - 1]?.arm === cell.arm ? 0 : cells.filter(({ arm }) => arm === cell.arm).length,
  }));
}

/** All cells together; what is not known of one is not known of the whole. */
export function sumOf(cells: readonly Cell[]): Cell {
  const add = (name: 'converted' | 'cost'): number | null =>
    cells.reduce<number | null>((sum, cell) => (sum === null || cell[name] === null ? null : sum + cell[name]), 0);
  const counts = Object.fromEntries(COUNTS.map((name) => [name, cells.reduce((sum, cell) => sum + cell[name], 0)]));
  return {
    ...(counts as Record<(typeof COUNTS)[number], number>),
    arm: '',
    channel: '',
    converted: add('converted'),
    cost: add('cost'),
  };
}
