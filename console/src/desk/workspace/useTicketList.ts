import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { PAGE, tickets } from '../api/desk.ts';
import type { View } from '../api/types.ts';
import { useSession } from '../session/session.tsx';
import { addPage, EMPTY_LIST, fromPage, withNews, type TicketList } from './ticketlist.ts';

export interface TicketListHandle {
  list: TicketList;
  loading: boolean;
  error: unknown;
  reload: () => void;
  loadMore: () => void;
}

const SETTLE_MS = 400;

/** The rows of a view, kept up to date by the live socket and read anew whenever it is up. */
export function useTicketList(view: View, selected: string | null): TicketListHandle {
  const { live, person } = useSession();
  const [list, change] = useReducer(
    (_before: TicketList, change: (before: TicketList) => TicketList) => change(_before),
    EMPTY_LIST,
  );
  const [status, setStatus] = useState<{ loading: boolean; error: unknown }>({ loading: true, error: null });
  const request = useRef(0);
  const shown = useRef(0);
  const where = useRef({ view, selected });
  where.current = { view, selected };

  const fetchPage = useCallback(
    (quiet: boolean) => {
      const mine = ++request.current;
      if (!quiet) setStatus({ loading: true, error: null });
      tickets.list(view).then(
        (page) => {
          if (mine < shown.current) return;
          shown.current = mine;
          change(() => fromPage(page, view, PAGE));
          setStatus({ loading: false, error: null });
        },
        (error: unknown) => mine >= shown.current && !quiet && setStatus({ loading: false, error }),
      );
    },
    [view],
  );

  useEffect(() => {
    shown.current = request.current + 1; // what was asked for another view is no answer to this one
    change(() => EMPTY_LIST);
    fetchPage(false);
  }, [fetchPage]);

  useEffect(() => live.onOnline(() => fetchPage(true)), [live, fetchPage]);

  useEffect(() => {
    let settling: ReturnType<typeof setTimeout> | undefined;
    const countAgain = (): void => {
      tickets.list(where.current.view).then(
        (page) => change((before) => ({ ...before, counts: page.counts })),
        () => undefined,
      );
    };
    const stop = live.onFrame((frame) => {
      if (frame.type !== 'ticket') return;
      change((before) => withNews(before, frame.ticket, { ...where.current, personId: person.id }));
      clearTimeout(settling);
      settling = setTimeout(countAgain, SETTLE_MS);
    });
    return () => {
      clearTimeout(settling);
      stop();
    };
  }, [live, person.id]);

  const loadMore = useCallback(() => {
    const last = list.rows.at(-1);
    if (!last) return;
    tickets.list(view, last.id).then(
      (page) => change((before) => addPage(before, page, view, PAGE)),
      (error: unknown) => setStatus({ loading: false, error }),
    );
  }, [list.rows, view]);

  return { list, ...status, reload: () => fetchPage(false), loadMore };
}
