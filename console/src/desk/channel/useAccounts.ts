import { useCallback, useEffect, useState } from 'react';
import { channels, type ChannelPageData } from '../api/channel.ts';

const LOOK_EVERY_MS = 10_000;

export interface AccountsHandle {
  data: ChannelPageData | null;
  /** Why the last look failed; what was seen before stays. */
  error: unknown;
  /** When `data` was read. */
  readAt: string;
  reload: () => Promise<void>;
}

/** All accounts with their health, looked at again every ten seconds while somebody looks at the page. */
export function useAccounts(): AccountsHandle {
  const [data, setData] = useState<ChannelPageData | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [readAt, setReadAt] = useState('');
  const reload = useCallback(async () => {
    try {
      setData(await channels.list());
      setReadAt(new Date().toISOString());
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  }, []);
  useEffect(() => {
    void reload();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload();
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return { data, error, readAt, reload };
}
