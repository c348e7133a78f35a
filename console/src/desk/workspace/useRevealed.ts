import { useEffect, useState } from 'react';
import type { RevealField } from '../api/types.ts';

const SECONDS = 30;

export interface Revealed {
  field: RevealField;
  value: string;
}

/** A field in full, for half a minute and only while this client is on the screen. */
export function useRevealed(clientId: string): {
  shown: Revealed | null;
  seconds: number;
  show: (revealed: Revealed) => void;
} {
  const [shown, setShown] = useState<(Revealed & { until: number }) | null>(null);
  const [now, setNow] = useState(Date.now);
  useEffect(() => setShown(null), [clientId]);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= shown.until) setShown(null);
    }, 500);
    return () => clearInterval(timer);
  }, [shown]);
  const seconds = shown ? Math.max(0, Math.ceil((shown.until - now) / 1_000)) : 0;
  const show = (revealed: Revealed): void => {
    setNow(Date.now());
    setShown({ ...revealed, until: Date.now() + SECONDS * 1_000 });
  };
  return { shown, seconds, show };
}
