import { useCallback, useEffect, useRef, useState } from 'react';
import { tickets } from '../api/desk.ts';
import type { Ticket, TicketRow } from '../api/types.ts';
import { freshen } from './ticketlist.ts';
import { useSession } from '../session/session.tsx';

export interface TicketHandle {
  ticket: Ticket | null;
  error: unknown;
  reload: () => Promise<void>;
  /** Take over what an action answered. */
  moved: (row: TicketRow, floorEpoch?: number) => void;
}

/** The ticket on the screen, with its floor; follows the live socket. */
export function useTicket(id: string | null): TicketHandle {
  const { live } = useSession();
  const [ticket, setTicket] = useState<Ticket | null>(null);
  const [error, setError] = useState<unknown>(null);

  const asked = useRef(0);
  // An action may answer when its person looks at another ticket already.
  const shown = useRef(id);
  shown.current = id;

  const reload = useCallback(async () => {
    if (!id || shown.current !== id) return;
    // An answer that was asked for before the last question knows less than the screen.
    const turn = (asked.current += 1);
    try {
      const found = await tickets.get(id);
      if (turn !== asked.current) return;
      setTicket((before) => keepFloor(before, found));
      setError(null);
    } catch (problem) {
      if (turn === asked.current) setError(problem);
    }
  }, [id]);

  useEffect(() => {
    setTicket(null);
    setError(null);
    void reload();
  }, [reload]);
  useEffect(() => live.onOnline(() => void reload()), [live, reload]);
  useEffect(
    () =>
      live.onFrame((frame) => {
        if (frame.type === 'ticket' && frame.ticket.id === id) {
          setTicket((before) => before && freshen(before, frame.ticket));
          live.watchAgain();
          // The state moved by somebody else's hand: public status and floor are not in the row.
          void reload();
        }
        if (frame.type === 'floor') {
          setTicket((before) =>
            before?.conversation_id === frame.conversation_id && before.floor_epoch <= frame.floor_epoch
              ? { ...before, floor: frame.floor, floor_epoch: frame.floor_epoch }
              : before,
          );
        }
      }),
    [live, id, reload],
  );

  const moved = useCallback(
    (row: TicketRow, floorEpoch?: number) => {
      setTicket((before) =>
        before?.id === row.id ? { ...before, ...row, floor_epoch: floorEpoch ?? before.floor_epoch } : before,
      );
      live.watchAgain();
      void reload();
    },
    [live, reload],
  );
  // The ticket that was on the screen before stays in the state until this one has answered.
  const current = ticket?.id === id ? ticket : null;
  return { ticket: current, error, reload, moved };
}

/** A floor that moved while the question was under way stays: its epoch only grows. */
function keepFloor(before: Ticket | null, found: Ticket): Ticket {
  if (before?.id !== found.id || before.floor_epoch <= found.floor_epoch) return found;
  return { ...found, floor: before.floor, floor_epoch: before.floor_epoch };
}
