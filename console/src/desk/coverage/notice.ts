import type { Notice, Policy } from '../api/notice.ts';

/** Those with the least time left first; without a time limit last, the larger exposure first. */
export function byTimeLeft(notices: readonly Notice[]): Notice[] {
  const left = (one: Notice): number => (one.reach_by ? Date.parse(one.reach_by) : Infinity);
  return [...notices].sort((a, b) => {
    const difference = left(a) - left(b);
    return Number.isNaN(difference) || difference === 0 ? b.exposure - a.exposure : difference;
  });
}

/** The policy with one rung changed. */
export function withRung(policy: Policy, at: number, change: Partial<Policy['rungs'][number]>): Policy {
  return { ...policy, rungs: policy.rungs.map((rung, n) => (n === at ? { ...rung, ...change } : rung)) };
}

/** Minutes as people say them: in hours or days where they come out even. */
export function inUnits(minutes: number): { n: number; unit: 'day' | 'hour' | 'minute' } {
  if (minutes >= 1440 && minutes % 1440 === 0) return { n: minutes / 1440, unit: 'day' };
  if (minutes >= 60 && minutes % 60 === 0) return { n: minutes / 60, unit: 'hour' };
  return { n: minutes, unit: 'minute' };
}
