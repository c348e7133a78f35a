import { App, Button } from 'antd';
import { useEffect, useRef } from 'react';
import type { TicketRow } from '../api/types.ts';
import { useSession } from '../session/session.tsx';
import { useWords } from '../words/words.tsx';

/** Tell a person, wherever they are at the desk, that a reply of theirs did not arrive, and lead there. */
export function useUndelivered(selected: string | null, open: (row: TicketRow) => void): void {
  const { live, person } = useSession();
  const { notification } = App.useApp();
  const { t } = useWords();
  const known = useRef(new Map<string, number>());
  const latest = useRef({ selected, open, t });
  latest.current = { selected, open, t };
  useEffect(
    () =>
      live.onFrame((frame) => {
        if (frame.type !== 'ticket' || frame.ticket.assignee?.id !== person.id) return;
        const { ticket } = frame;
        const before = known.current.get(ticket.id) ?? 0;
        known.current.set(ticket.id, ticket.undelivered);
        const { selected: looking, open: go, t: say } = latest.current;
        if (ticket.undelivered <= before || ticket.id === looking) return;
        const look = (): void => {
          notification.destroy(ticket.id);
          go(ticket);
        };
        notification.error({
          key: ticket.id,
          title: say('undeliveredNews'),
          description: say('undeliveredTo', { who: ticket.client?.name ?? say('stranger') }),
          duration: 0,
          actions: (
            <Button size="small" onClick={look}>
              {say('undeliveredLook')}
            </Button>
          ),
        });
      }),
    [live, person.id, notification],
  );
}
