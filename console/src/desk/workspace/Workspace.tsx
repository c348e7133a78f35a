import { Drawer, Empty, Grid } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import type { View } from '../api/types.ts';
import { Failure } from '../shell/Failure.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useWords } from '../words/words.tsx';
import { ClientCard } from './ClientCard.tsx';
import { Conversation } from './Conversation.tsx';
import { TicketList, VIEWS } from './TicketList.tsx';
import { neighbour } from './ticketlist.ts';
import { useTicket } from './useTicket.ts';
import { useTicketList } from './useTicketList.ts';
import { useUndelivered } from './useUndelivered.tsx';

/** The desk's room: list, conversation, client. The address names view and ticket, so a link leads to the same place. */
export function Workspace() {
  const { view = 'queue', ticketId = null } = useParams();
  if (!VIEWS.includes(view as View)) return <Navigate to="/tickets/queue" replace />;
  return <Panes view={view as View} ticketId={ticketId} />;
}

function Panes({ view, ticketId }: { view: View; ticketId: string | null }) {
  const { t } = useWords();
  const go = useNavigate();
  const list = useTicketList(view, ticketId);
  const handle = useTicket(ticketId);
  const [cardOpen, setCardOpen] = useState(false);
  const wide = Grid.useBreakpoint().xl ?? true;
  const { ticket } = handle;
  // Keys can come faster than the address changes: each step starts from the last one.
  const at = useRef(ticketId);
  useEffect(() => {
    at.current = ticketId;
  }, [ticketId]);
  const step = (by: 1 | -1): void => {
    const row = neighbour(list.list.rows, at.current, by);
    if (!row) return;
    at.current = row.id;
    void go(`/tickets/${view}/${row.id}`);
  };
  useUndelivered(ticketId, (row) => void go(`/tickets/mine/${row.id}`));
  const show = (next: View): void => void go(`/tickets/${next}`);
  useShortcuts({
    next: () => step(1),
    previous: () => step(-1),
    view1: () => show('queue'),
    view2: () => show('mine'),
    view3: () => show('all'),
    view4: () => show('resolved'),
  });
  const waiting = list.list.counts?.queue ?? 0;
  // Seen in the browser's tab by somebody who works in another window.
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) ${t('product')}` : t('product');
  }, [waiting, t]);
  const card = ticket && <ClientCard key={ticket.id} clientId={ticket.client?.id ?? null} ticket={ticket} />;
  return (
    <main className={ticketId ? 'workspace picked' : 'workspace'}>
      <TicketList
        view={view}
        selected={ticketId}
        handle={list}
        onView={show}
        onSelect={(row) => void go(`/tickets/${view}/${row.id}`)}
      />
      {ticket && (
        <Conversation
          key={ticket.id}
          ticket={ticket}
          handle={handle}
          onBack={() => void go(`/tickets/${view}`)}
          onCard={wide ? null : () => setCardOpen(true)}
        />
      )}
      {!ticket && (
        <section className="pane talk empty">
          {handle.error !== null ? (
            <Failure error={handle.error} retry={() => void handle.reload()} />
          ) : (
            !ticketId && (
              <Empty
                image={Empty.PRESENTED_IMAGE_SIMPLE}
                description={
                  <>
                    <strong>{t('pick')}</strong>
                    <br />
                    {t('pickMore')}
                  </>
                }
              />
            )
          )}
        </section>
      )}
      {wide && ticketId && <aside className="pane client">{card}</aside>}
      {!wide && (
        <Drawer open={cardOpen} onClose={() => setCardOpen(false)} size={340} title={null}>
          {card}
        </Drawer>
      )}
    </main>
  );
}
