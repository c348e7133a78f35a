/** The list of tickets as data: which rows a view shows, in which order, and how live news changes it. */
import type { TicketPage, TicketRow, View } from '../api/types.ts';

export interface TicketList {
  rows: readonly TicketRow[];
  counts: { queue: number; mine: number } | null;
  more: boolean;
}

export const EMPTY_LIST: TicketList = { rows: [], counts: null, more: false };

const RANK: Record<string, number> = { critical: 0, urgent: 0, high: 1, normal: 2, low: 3 };
const OVER = new Set(['resolved', 'closed']);

/** Whether a ticket belongs in a view of this person. */
export function belongs(row: TicketRow, view: View, personId: string): boolean {
  const over = OVER.has(row.state);
  if (view === 'resolved') return over;
  if (view === 'queue') return !over && row.assignee === null;
  if (view === 'mine') return (!over || row.undelivered > 0) && row.assignee?.id === personId;
  return !over;
}

/** Most urgent first, then who has waited longest; what is resolved comes newest first. */
export function inOrder(rows: readonly TicketRow[], view: View): TicketRow[] {
  if (view === 'resolved') return [...rows].sort((a, b) => b.opened_at.localeCompare(a.opened_at));
  const rank = (row: TicketRow): number => RANK[row.priority] ?? 2;
  return [...rows].sort((a, b) => rank(a) - rank(b) || a.opened_at.localeCompare(b.opened_at));
}

export function fromPage(page: TicketPage, view: View, pageSize: number): TicketList {
  return { rows: inOrder(page.tickets, view), counts: page.counts, more: page.tickets.length >= pageSize };
}

export function addPage(list: TicketList, page: TicketPage, view: View, pageSize: number): TicketList {
  const known = new Map(list.rows.map((row) => [row.id, row]));
  for (const row of page.tickets) known.set(row.id, row);
  return { rows: inOrder([...known.values()], view), counts: page.counts, more: page.tickets.length >= pageSize };
}

/** Join news to what is known: of a ticket that a colleague took, an agent learns only state and holder. */
export function freshen<Known extends TicketRow>(known: Known, news: TicketRow): Known {
  if (news.title !== '') return { ...known, ...news };
  const { state, priority, assignee, promised_at } = news;
  return { ...known, state, priority, assignee, promised_at, unread: 0, undelivered: 0 };
}

/** Take one ticket's news: it comes, changes, moves or goes. The row being worked on stays until the person leaves it. */
export function withNews(
  list: TicketList,
  row: TicketRow,
  where: { view: View; personId: string; selected: string | null },
): TicketList {
  const others = list.rows.filter((other) => other.id !== row.id);
  const known = list.rows.find((other) => other.id === row.id);
  const wasHere = known !== undefined;
  const visible = row.title !== '' || wasHere;
  const stays = (visible && belongs(row, where.view, where.personId)) || (wasHere && row.id === where.selected);
  if (!stays) return wasHere ? { ...list, rows: others } : list;
  return { ...list, rows: inOrder([...others, known ? freshen(known, row) : row], where.view) };
}

/** The row `step` away from the selected one, staying inside the list; the first when nothing is selected. */
export function neighbour<Row extends { id: string }>(
  rows: readonly Row[],
  selected: string | null,
  step: 1 | -1,
): Row | undefined {
  const at = rows.findIndex((row) => row.id === selected);
  if (at < 0) return rows[0];
  return rows[Math.min(rows.length - 1, Math.max(0, at + step))];
}
