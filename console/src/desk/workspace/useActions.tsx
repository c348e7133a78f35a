import { App } from 'antd';
import { useRef, useState } from 'react';
import { tickets } from '../api/desk.ts';
import type { Ticket } from '../api/types.ts';
import { useWords } from '../words/words.tsx';
import type { TicketHandle } from './useTicket.ts';

export interface Actions {
  busy: boolean;
  take: () => void;
  handBack: () => void;
  resolve: (note: string, handBack: boolean) => Promise<boolean>;
  assign: (personId: string, name: string) => Promise<boolean>;
}

/** What a person may do with the ticket; each says that it is done, or why it was refused and shows the new state. */
export function useActions(ticket: Ticket | null, handle: TicketHandle): Actions {
  const { t, explain } = useWords();
  const { message, modal } = App.useApp();
  const [busy, setBusy] = useState(false);
  const underWay = useRef<Promise<boolean> | null>(null);

  const act = async (call: () => ReturnType<typeof tickets.take>, done: string): Promise<boolean> => {
    setBusy(true);
    try {
      const answer = await call();
      handle.moved(answer.ticket, answer.floor_epoch);
      void message.success(done);
      return true;
    } catch (error) {
      void message.error(explain(error), 6);
      await handle.reload();
      return false;
    } finally {
      underWay.current = null;
      setBusy(false);
    }
  };
  // What a person has confirmed waits for what is under way, it is not dropped: the screen may have moved before the answer.
  const run = async (call: (id: string) => ReturnType<typeof tickets.take>, done: string): Promise<boolean> => {
    if (!ticket) return false;
    while (underWay.current) await underWay.current;
    underWay.current = act(() => call(ticket.id), done);
    return underWay.current;
  };
  const take = (): void => {
    if (!underWay.current) void run(tickets.take, t('taken'));
  };
  const handBack = (): void => {
    modal.confirm({
      title: t('handBack'),
      content: t('handBackSure'),
      okText: t('handBack'),
      cancelText: t('cancel'),
      onOk: () => run(tickets.handBack, t('handedBack')),
    });
  };
  return {
    busy,
    take,
    handBack,
    resolve: (note, back) => run((id) => tickets.resolve(id, note, back), t('resolved')),
    assign: (personId, name) => run((id) => tickets.assign(id, personId), t('assigned', { name })),
  };
}
