import { ArrowLeftOutlined, IdcardOutlined } from '@ant-design/icons';
import { Alert, Button, Tag, Tooltip } from 'antd';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { conversations } from '../api/desk.ts';
import type { Ticket } from '../api/types.ts';
import { mayLead, useSession } from '../session/session.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useWords, makeWords } from '../words/words.tsx';
import { Composer } from './Composer.tsx';
import { AssignDialog, ResolveDialog } from './Dialogs.tsx';
import { isLost } from './delivery.ts';
import { HandoverBox } from './HandoverBox.tsx';
import { Messages } from './Messages.tsx';
import { ReachBar } from './ReachBar.tsx';
import { ChannelMark } from './TicketLine.tsx';
import { newestSeq } from './transcript.ts';
import { useActions, type Actions } from './useActions.tsx';
import { useReach } from './useReach.ts';
import type { TicketHandle } from './useTicket.ts';
import { useTranscript } from './useTranscript.ts';

const FLOOR_MOVED = { zh: makeWords('zh').t('floorMoved'), en: makeWords('en').t('floorMoved') };
const OVER = new Set(['resolved', 'closed']);

interface Props {
  ticket: Ticket;
  handle: TicketHandle;
  onBack: () => void;
  onCard: (() => void) | null;
}

/** The middle pane: the ticket's head, the hand-over, the conversation, and the reply while it may be given. */
export function Conversation({ ticket, handle, onBack, onCard }: Props) {
  const { person } = useSession();
  const id = ticket.conversation_id;
  const actions = useActions(ticket, handle);
  const field = useRef<{ focus: () => void }>(null);
  const talk = useTranscript(id, {
    floorMoved: FLOOR_MOVED,
    onRefused: (error) => {
      if (error.status !== 409) return;
      void handle.reload();
      refresh();
    },
  });
  const seq = newestSeq(talk.transcript);
  // A reply spends the window when it is sent, not when it is written.
  const { reach, refresh } = useReach(id, `${seq} ${talk.transcript.messages.at(-1)?.state ?? ''}`);
  const mine = ticket.assignee?.id === person.id;
  const mayReply = mine && ticket.floor === 'agent' && !OVER.has(ticket.state);
  // A loss is seen as well as read: it may come long after the message.
  useMarkRead(id, mine ? seq : 0, talk.transcript.messages.filter(isLost).length);
  return (
    <section className="pane talk" aria-label={ticket.title}>
      <Head ticket={ticket} mine={mine} actions={actions} onBack={onBack} onCard={onCard} field={field} />
      {ticket.handover && <HandoverBox handover={ticket.handover} open={!mine} />}
      <Messages key={id} handle={talk} onAgain={(draft) => void talk.send(draft.text, ticket.floor_epoch, draft)} />
      <footer className="reply">
        {reach && !OVER.has(ticket.state) && <ReachBar reach={reach} />}
        {mayReply ? (
          <Composer
            conversationId={id}
            field={field}
            disabled={reach?.can_send === false}
            onSend={(text) => void talk.send(text, ticket.floor_epoch)}
            onTyping={() => void conversations.typing(id).catch(() => undefined)}
          />
        ) : (
          <WhyNot ticket={ticket} mine={mine} actions={actions} />
        )}
      </footer>
    </section>
  );
}

interface HeadProps {
  ticket: Ticket;
  mine: boolean;
  actions: Actions;
  onBack: () => void;
  onCard: (() => void) | null;
  field: RefObject<{ focus: () => void } | null>;
}

function Head({ ticket, mine, actions, onBack, onCard, field }: HeadProps) {
  const { t, say } = useWords();
  const { person } = useSession();
  const [dialog, setDialog] = useState<'resolve' | 'assign' | null>(null);
  const over = OVER.has(ticket.state);
  const canTake = mayTake(ticket, mine);
  const canHandBack = mine && !over && ticket.floor === 'agent';
  useShortcuts({
    take: () => canTake && actions.take(),
    reply: () => field.current?.focus(),
    handBack: () => canHandBack && actions.handBack(),
    resolve: () => mine && !over && setDialog('resolve'),
  });
  return (
    <header className="talk-head">
      <Button className="back" type="text" icon={<ArrowLeftOutlined />} aria-label={t('list')} onClick={onBack} />
      <div className="talk-title">
        <h1 title={ticket.title}>{ticket.title}</h1>
        <p>
          <ChannelMark channel={ticket.channel} />{' '}
          <span>
            {ticket.client?.name ?? t('stranger')} · {ticket.number}
          </span>
          <Tag variant="filled">{say('state', ticket.state)}</Tag>
          <Tag
            variant="filled"
            color={ticket.floor === 'queue' ? 'orange' : ticket.floor === 'agent' ? 'green' : 'default'}
          >
            {say('floor', ticket.floor)}
          </Tag>
        </p>
      </div>
      <div className="talk-actions">
        {onCard && (
          <Button icon={<IdcardOutlined />} onClick={onCard}>
            {t('card')}
          </Button>
        )}
        {!over && mayLead(person) && <Button onClick={() => setDialog('assign')}>{t('assign')}</Button>}
        {canHandBack && (
          <Tooltip title="B">
            <Button onClick={actions.handBack}>{t('handBack')}</Button>
          </Tooltip>
        )}
        {mine && !over && (
          <Tooltip title="E">
            <Button type={canTake ? 'default' : 'primary'} onClick={() => setDialog('resolve')}>
              {t('resolve')}
            </Button>
          </Tooltip>
        )}
        {canTake && (
          <Tooltip title="T">
            <Button type="primary" loading={actions.busy} onClick={actions.take}>
              {t('take')}
            </Button>
          </Tooltip>
        )}
      </div>
      <ResolveDialog ticket={ticket} actions={actions} open={dialog === 'resolve'} onClose={() => setDialog(null)} />
      <AssignDialog ticket={ticket} actions={actions} open={dialog === 'assign'} onClose={() => setDialog(null)} />
    </header>
  );
}

/** Whether this person may take the ticket, or its conversation again; a colleague's is assigned, not taken. */
function mayTake(ticket: Ticket, mine: boolean): boolean {
  if (OVER.has(ticket.state)) return false;
  return mine ? ticket.floor !== 'agent' : ticket.assignee === null;
}

/** Why there is no field to write in. */
function WhyNot({ ticket, mine, actions }: { ticket: Ticket; mine: boolean; actions: Actions }) {
  const { t } = useWords();
  if (OVER.has(ticket.state)) return <Alert type="success" showIcon title={t('isResolved')} />;
  if (ticket.assignee && !mine)
    return <Alert type="info" showIcon title={t('heldBy', { name: ticket.assignee.name })} />;
  return (
    <Alert
      type="info"
      showIcon
      title={t(ticket.floor === 'bot' ? 'botSpeaks' : 'takeToReply')}
      action={
        <Button size="small" type="primary" loading={actions.busy} onClick={actions.take}>
          {t('take')}
        </Button>
      }
    />
  );
}

function useMarkRead(conversationId: string, seq: number, lost: number): void {
  useEffect(() => {
    if (seq === 0) return undefined;
    const tell = (): void => {
      if (document.visibilityState === 'visible') conversations.read(conversationId, seq).catch(() => undefined);
    };
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [conversationId, seq, lost]);
}
