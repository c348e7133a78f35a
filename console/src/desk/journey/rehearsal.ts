/** A rehearsal's counts: what they come to, and as the drawing takes them. */
import type { Graph, Rehearsed, Where } from '../api/journey.ts';

const START = 'start';
const KNOWN_ENDS = ['exit', 'goal', 'went'];

/** "2026-10-23" so many days ago, by the reader's calendar. */
export function daysAgo(days: number, now: Date = new Date()): string {
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** A result and what follows its colon: `went:guide` is `went` to `guide`. */
export function partsOf(result: string): { name: string; to: string | null } {
  const at = result.indexOf(':');
  const name = result.slice(0, at);
  return at > 0 && KNOWN_ENDS.includes(name) ? { name, to: result.slice(at + 1) } : { name: result, to: null };
}

export function sumOf({ waiting, done }: Rehearsed): {
  sent: number;
  opened: number;
  waiting: number;
  ended: number;
} {
  const of = (is: (result: string) => boolean): number =>
    done.reduce((sum, one) => sum + (is(one.result) ? one.n : 0), 0);
  return {
    sent: of((result) => result === 'sent'),
    opened: of((result) => result === 'opened'),
    waiting: waiting.reduce((sum, one) => sum + one.n, 0),
    ended: of((result) => result.startsWith('exit:') || result.startsWith('goal:')),
  };
}

/** What the drawing shows: who entered at the top, who came by each step, who would wait where. */
export function asWhere({ entered, waiting, done }: Rehearsed): Where {
  return { waiting, ended: [], done: [{ step: START, result: 'entered', n: entered }, ...done] };
}

/** What is done, from the top of the drawing to its end. */
export function inOrder(done: Rehearsed['done'], graph: Graph): Rehearsed['done'] {
  const rows = new Map(graph.nodes.map((node) => [node.id, node.row]));
  const rowOf = (step: string): number => rows.get(step) ?? Number.MAX_SAFE_INTEGER;
  return [...done].sort((a, b) => rowOf(a.step) - rowOf(b.step));
}

/** How often each step was passed. */
export function passesOf(where: Where | null): Map<string, number> {
  const passes = new Map<string, number>();
  for (const { step, n } of where?.done ?? []) passes.set(step, (passes.get(step) ?? 0) + n);
  return passes;
}
