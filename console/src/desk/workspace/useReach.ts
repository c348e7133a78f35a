import { useCallback, useEffect, useState } from 'react';
import { conversations } from '../api/desk.ts';
import type { Reach } from '../api/types.ts';

const LOOK_AGAIN_MS = 60_000;

/** Whether the client can be answered in this channel now; asked again whenever `mark` changes and each minute. */
export function useReach(conversationId: string | null, mark: string): { reach: Reach | null; refresh: () => void } {
  const [found, setFound] = useState<{ of: string; reach: Reach } | null>(null);
  const refresh = useCallback(() => {
    if (!conversationId) return;
    conversations.reach(conversationId).then(
      (reach) => setFound({ of: conversationId, reach }),
      () => undefined,
    );
  }, [conversationId]);
  useEffect(() => {
    refresh();
    const timer = setInterval(refresh, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [refresh, mark]);
  return { reach: found?.of === conversationId ? found.reach : null, refresh };
}
