/**
 * How long to wait before attempt `attempt` (0 is the first retry), in milliseconds.
 *
 * Doubles from one second to thirty, then takes a random point in the upper half: a service that comes
 * back is not met by every client in the same instant, and no client retries at once.
 */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
