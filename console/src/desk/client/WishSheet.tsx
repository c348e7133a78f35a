import { Button, Form, Segmented, Select, Tag } from 'antd';
import { useState } from 'react';
import { shortMoment } from '../../shared/moment.ts';
import { insights, type ChannelResponse, type Preference } from '../api/insight.ts';
import type { ClientCard } from '../api/types.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { ChannelMark } from '../workspace/TicketLine.tsx';
import { CATEGORIES, channelsOf, levelOf, percent, statedOf, weightsOf, type Level } from './picture.ts';

interface Props {
  card: ClientCard;
  preferences: readonly Preference[];
  reload: () => Promise<void>;
}

/** Which channels the client wants for which kind of message: as they said, or as we learnt. */
export function WishSheet({ card, preferences, reload }: Props) {
  const { t, say } = useWords();
  const [asking, setAsking] = useState(false);
  const categories = [...new Set(preferences.map((one) => one.category))];
  return (
    <section className="sheet" aria-label={t('picture_wishes')}>
      <header className="headline">
        <div>
          <h2>{t('picture_wishes')}</h2>
        </div>
        <Button onClick={() => setAsking(true)}>{t('picture_state')}</Button>
      </header>
      {categories.length === 0 && <p className="quiet">{t('picture_noWishes')}</p>}
      <ul className="rows">
        {categories.map((category) => (
          <li key={category}>
            <span>{say('category', category)}</span>
            <span className="tags">
              {preferences
                .filter((one) => one.category === category)
                .map((one) => (
                  <Tag key={one.channel} color={one.origin === 'stated' ? 'blue' : 'default'}>
                    {say('channel', one.channel)} {say('level', levelOf(one.weight))}{' '}
                    <small>{say('origin', one.origin)}</small>
                  </Tag>
                ))}
            </span>
          </li>
        ))}
      </ul>
      <WishDialog
        card={card}
        preferences={preferences}
        open={asking}
        onClose={() => setAsking(false)}
        onDone={reload}
      />
    </section>
  );
}

interface DialogProps {
  card: ClientCard;
  preferences: readonly Preference[];
  open: boolean;
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface Fields {
  category: string;
  levels: Record<string, Level>;
}

function WishDialog({ card, preferences, open, onClose, onDone }: DialogProps) {
  const { t } = useWords();
  const { busy, run } = useDeed(onDone);
  const submit = async ({ category, levels }: Fields): Promise<void> => {
    const weights = weightsOf(levels);
    if (await run(() => insights.state(card.id, category, weights), t('picture_stated'))) onClose();
  };
  const channels = channelsOf(card.identities, preferences);
  return (
    <FormDialog<Fields>
      open={open}
      title={t('picture_stateTitle')}
      okText={t('picture_state')}
      busy={busy}
      initialValues={{ category: 'marketing', levels: levelsFor(channels, preferences, 'marketing') }}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="form-lead">{t('picture_stateLead')}</p>
      <WishFields channels={channels} preferences={preferences} />
    </FormDialog>
  );
}

const LEVELS: readonly Level[] = ['first', 'also', 'open', 'never'];

function levelsFor(
  channels: readonly string[],
  preferences: readonly Preference[],
  category: string,
): Record<string, Level> {
  const stated = statedOf(preferences, category);
  return Object.fromEntries(channels.map((one) => [one, stated[one] ?? 'open']));
}

function WishFields({ channels, preferences }: { channels: readonly string[]; preferences: readonly Preference[] }) {
  const { t, say } = useWords();
  const form = Form.useFormInstance<Fields>();
  return (
    <>
      <Form.Item name="category" label={t('picture_category')}>
        <Select
          options={CATEGORIES.map((value) => ({ value, label: say('category', value) }))}
          onChange={(category: string) => form.setFieldsValue({ levels: levelsFor(channels, preferences, category) })}
        />
      </Form.Item>
      {channels.map((channel) => (
        <Form.Item key={channel} name={['levels', channel]} label={say('channel', channel)}>
          <Segmented block options={LEVELS.map((value) => ({ value, label: say('level', value) }))} />
        </Form.Item>
      ))}
    </>
  );
}

/** How the client answered on each channel lately. */
export function ResponseSheet({ responses }: { responses: readonly ChannelResponse[] }) {
  const { t, say, language } = useWords();
  const rounded = (n: number): string => count(Math.round(n * 10) / 10, language);
  return (
    <section className="sheet" aria-label={t('picture_responses')}>
      <h2>{t('picture_responses')}</h2>
      {responses.length === 0 && <p className="quiet">{t('picture_noResponses')}</p>}
      <ul className="rows">
        {responses.map((one) => (
          <li key={one.channel}>
            <span>
              <ChannelMark channel={one.channel} /> {say('channel', one.channel)}
            </span>
            <span>{t('picture_rate', { rate: percent(one.rate) })}</span>
            <small className="quiet">
              {t('picture_sent', {
                sent: rounded(one.sent),
                answered: rounded(one.answered),
                failed: rounded(one.failed),
              })}
              {one.last_inbound_at && ` · ${t('picture_lastIn', { at: shortMoment(one.last_inbound_at, language) })}`}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
