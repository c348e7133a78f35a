import { useCallback, useEffect, useRef, useState } from 'react';

export interface Loaded<Body> {
  data: Body | null;
  /** Why the last look failed; what was seen before stays. */
  error: unknown;
  reload: () => Promise<void>;
}

/** Read something once, again when `load` changes (keep it stable), and every `everyMs` while somebody looks. */
export function useLoad<Body>(load: () => Promise<Body>, everyMs = 0): Loaded<Body> {
  const [state, setState] = useState<{ of: unknown; data: Body | null; error: unknown }>({
    of: load,
    data: null,
    error: null,
  });
  const asked = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++asked.current;
    try {
      const data = await load();
      if (mine === asked.current) setState({ of: load, data, error: null });
    } catch (error) {
      if (mine === asked.current)
        setState((before) => ({ of: load, data: before.of === load ? before.data : null, error }));
    }
  }, [load]);
  useEffect(() => {
    void reload();
    if (!everyMs) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [reload, everyMs]);
  // What was read for another question is no answer to this one.
  const isCurrent = state.of === load;
  return { data: isCurrent ? state.data : null, error: isCurrent ? state.error : null, reload };
}
