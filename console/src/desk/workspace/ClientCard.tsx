import { EyeOutlined, IdcardOutlined } from '@ant-design/icons';
import { Button, Descriptions, Empty, Skeleton } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { clients } from '../api/desk.ts';
import type { BoundIdentity, ClientCard as Card, RevealField, Ticket } from '../api/types.ts';
import { mayLead, useSession } from '../session/session.tsx';
import { churnTone, creditOf, percent } from '../client/picture.ts';
import { PictureDrawer } from '../client/PictureDrawer.tsx';
import { Timeline } from '../client/Timeline.tsx';
import { Failure } from '../shell/Failure.tsx';
import { useShortcuts } from '../shell/shortcuts.tsx';
import { useWords } from '../words/words.tsx';
import { OtherTalks } from './OtherTalks.tsx';
import { RevealDialog } from './RevealDialog.tsx';
import { ChannelMark } from './TicketLine.tsx';
import { UnbindDialog } from './UnbindDialog.tsx';
import { useRevealed } from './useRevealed.ts';

/** Who the client is, masked, and all that is theirs on every channel; a field in full only with a reason, on the record. */
export function ClientCard({ clientId, ticket = null }: { clientId: string | null; ticket?: Ticket | null }) {
  const { t } = useWords();
  const [card, setCard] = useState<Card | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    if (clientId) clients.get(clientId).then(setCard, setError);
  }, [clientId]);
  useEffect(() => {
    setCard(null);
    load();
  }, [load]);
  return (
    <section className="client-card" aria-label={t('card')}>
      <h2>{t('card')}</h2>
      {!clientId && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('cardNone')} />}
      {clientId && error !== null && <Failure error={error} retry={load} />}
      {clientId && error === null && !card && <Skeleton active paragraph={{ rows: 8 }} />}
      {card && card.id === clientId && <Known key={card.id} card={card} ticket={ticket} reload={load} />}
    </section>
  );
}

function Known({ card, ticket, reload }: { card: Card; ticket: Ticket | null; reload: () => void }) {
  const { t, say, language } = useWords();
  const [asking, setAsking] = useState<RevealField | null>(null);
  const [open, setOpen] = useState(false);
  useShortcuts({ client: () => setOpen(true) });
  const { shown, seconds, show } = useRevealed(card.id);
  const masked = (field: RevealField): { label: string; children: React.ReactNode } => ({
    label: t(`card_${field}`),
    children: (
      <span className="masked">
        <span data-testid={`card-${field}`}>{shown?.field === field ? shown.value : card[field] || '—'}</span>
        {shown?.field === field ? (
          <small className="quiet">{t('revealedFor', { seconds })}</small>
        ) : (
          <Button
            type="text"
            size="small"
            icon={<EyeOutlined />}
            aria-label={t('reveal', { what: t(`card_${field}`) })}
            title={t('reveal', { what: t(`card_${field}`) })}
            onClick={() => setAsking(field)}
          />
        )}
      </span>
    ),
  });
  const plain = (label: string, children: React.ReactNode): { label: string; children: React.ReactNode } => ({
    label,
    children: children || '—',
  });
  const manager = typeof card.manager === 'string' ? card.manager : card.manager?.name;
  const others = card.recent_tickets.filter((other) => other.id !== ticket?.id);
  const { tier } = card;
  const credit = tier && creditOf(tier, language);
  const items = [
    masked('name'),
    masked('client_no'),
    masked('phone'),
    plain(t('card_tier'), tier ? <strong data-testid="card-tier">{tier.layer[language]}</strong> : t('picture_noTier')),
    plain(t('card_risk_level'), [card.risk_level, tier?.risk_band[language]].filter(Boolean).join(' · ')),
    ...(credit ? [plain(t('card_credit'), credit)] : []),
    plain(t('card_stage'), tier ? tier.stage[language] : say('stage', card.stage)),
    ...(tier
      ? [plain(t('picture_churn'), <span className={churnTone(tier.churn_risk)}>{percent(tier.churn_risk)}</span>)]
      : []),
    plain(t('card_investor_class'), say('investor', card.investor_class)),
    plain(t('card_suitability'), card.suitability_valid_until),
    plain(t('card_manager'), manager),
  ];
  return (
    <>
      <Descriptions column={1} size="small" colon={false} items={items} styles={{ label: { width: 96 } }} />
      <Button
        block
        className="picture-open"
        icon={<IdcardOutlined />}
        title={`${t('picture_open')} (C)`}
        onClick={() => setOpen(true)}
      >
        {t('picture_open')}
      </Button>
      <OtherTalks talks={card.conversations.filter((talk) => talk.id !== ticket?.conversation_id)} />
      <h3>{t('card_recent')}</h3>
      {others.length === 0 && <p className="quiet">{t('card_noRecent')}</p>}
      <ul className="recent">
        {others.map((other) => (
          <li key={other.id}>
            <Link to={`/tickets/all/${other.id}`}>{other.title}</Link>
            <small className="quiet">
              <ChannelMark channel={other.channel} /> {say('state', other.state)} ·{' '}
              {shortMoment(other.opened_at, language)}
            </small>
          </li>
        ))}
      </ul>
      <Identities card={card} reload={reload} />
      <Timeline clientId={card.id} />
      <PictureDrawer card={card} open={open} onClose={() => setOpen(false)} />
      <RevealDialog clientId={card.id} field={asking} onClose={() => setAsking(null)} onRevealed={show} />
    </>
  );
}

/** Where the client is known; a leader may undo a wrong binding. */
function Identities({ card, reload }: { card: Card; reload: () => void }) {
  const { t, say, language } = useWords();
  const { person } = useSession();
  const [undoing, setUndoing] = useState<BoundIdentity | null>(null);
  return (
    <>
      <h3>{t('card_identities')}</h3>
      <ul className="identities">
        {card.identities.map((identity) => (
          <li key={identity.id}>
            <ChannelMark channel={identity.channel} /> {say('channel', identity.channel)}
            <small className="quiet">
              {identity.bound_at ? t('card_boundAt', { at: shortMoment(identity.bound_at, language) }) : ''}
            </small>
            {mayLead(person) && (
              <Button type="link" size="small" onClick={() => setUndoing(identity)}>
                {t('card_unbind')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <UnbindDialog clientId={card.id} identity={undoing} onClose={() => setUndoing(null)} onDone={reload} />
    </>
  );
}
