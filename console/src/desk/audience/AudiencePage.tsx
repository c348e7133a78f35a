import { App, Button, Input, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { audiences, type AudienceInFull, type AudienceVersion, type NamedAudience } from '../api/audience.ts';
import { campaigns } from '../api/campaign.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { may, useSession } from '../session/session.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { Builder, type Choices } from './Builder.tsx';
import { CountPanel } from './CountPanel.tsx';
import { asGroup, isComplete, NEW_GROUP, type Group } from './expression.ts';

interface Seen {
  choices: Choices;
  known: AudienceInFull | null;
}

/** One named audience, or a new one: its conditions with a live count, what it said before, and what it is used for. */
export function AudiencePage() {
  const { t } = useWords();
  const { audienceId = null } = useParams();
  const load = useCallback(async (): Promise<Seen> => {
    const [language, others, known] = await Promise.all([
      audiences.language(),
      campaigns.list(),
      audienceId ? audiences.get(audienceId) : null,
    ]);
    return { choices: { language, campaigns: others }, known };
  }, [audienceId]);
  const source = useLoad(load);
  const audience = source.data?.known?.audience;
  return (
    <Page
      title={audienceId ? (audience?.name ?? t('audiences')) : t('audience_new')}
      lead={<Link to="/audiences">← {t('audiences')}</Link>}
      source={source}
      actions={audience && <Deeds audience={audience} />}
    >
      {(data) => <Whole key={audience?.changed_at ?? 'new'} {...data} onSaved={source.reload} />}
    </Page>
  );
}

function Whole({ choices, known, onSaved }: Seen & { onSaved: () => Promise<void> }) {
  const { t } = useWords();
  const { person } = useSession();
  const { message } = App.useApp();
  const kept = known?.audience ?? null;
  const [expression, setExpression] = useState<Group>(kept ? asGroup(kept.expression) : NEW_GROUP);
  const take = (version: AudienceVersion): void => {
    setExpression(asGroup(version.expression));
    void message.info(t('audience_restored'));
  };
  const mayWrite = may(person, 'campaign');
  return (
    <div className="audience-step">
      <div className="stack">
        {mayWrite && (
          <Editor kept={kept} choices={choices} expression={expression} onChange={setExpression} onSaved={onSaved} />
        )}
        {known && <History versions={known.versions} onTake={mayWrite ? take : null} />}
      </div>
      <CountPanel expression={expression} />
    </div>
  );
}

interface EditorProps {
  kept: NamedAudience | null;
  choices: Choices;
  expression: Group;
  onChange: (expression: Group) => void;
  onSaved: () => Promise<void>;
}

function Editor({ kept, choices, expression, onChange, onSaved }: EditorProps) {
  const { t } = useWords();
  const go = useNavigate();
  const [name, setName] = useState(kept?.name ?? '');
  const [told, setTold] = useState(false);
  const { busy, run } = useDeed(onSaved);
  const isSame = kept !== null && kept.name === name.trim() && sameAs(asGroup(kept.expression), expression);
  const lacks = !name.trim() ? t('audience_nameMissing') : !isComplete(expression) ? t('audience_incomplete') : null;
  const save = async (): Promise<void> => {
    setTold(true);
    if (lacks) return;
    let made = kept?.id ?? '';
    const act = async (): Promise<void> => {
      if (kept) await audiences.change(kept.id, name.trim(), expression);
      else made = (await audiences.create(name.trim(), expression)).id;
    };
    if ((await run(act, t('audience_saved'))) && !kept) void go(`/audiences/${made}`, { replace: true });
  };
  return (
    <form
      className="sheet form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label className="named">
        <span>{t('audience_name')}</span>
        <Input
          autoFocus={!kept}
          maxLength={80}
          value={name}
          status={told && !name.trim() ? 'error' : ''}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <Builder value={expression} choices={choices} onChange={onChange} />
      <div className="page-actions">
        <Button type="primary" htmlType="submit" loading={busy} disabled={isSame}>
          {t('audience_save')}
        </Button>
        {told && lacks && <span className="warn">{lacks}</span>}
        {kept && <small className="quiet">{t('audience_keepsHint')}</small>}
      </div>
    </form>
  );
}

function History({
  versions,
  onTake,
}: {
  versions: AudienceVersion[];
  onTake: ((one: AudienceVersion) => void) | null;
}) {
  const { t, language } = useWords();
  return (
    <section className="sheet" aria-label={t('audience_history')}>
      <h2>{t('audience_history')}</h2>
      {versions.length === 0 && <p className="quiet">{t('audience_noHistory')}</p>}
      <ul className="rows">
        {versions.map((one, n) => (
          <li key={one.at}>
            <div>
              <p>
                <time dateTime={one.at}>{shortMoment(one.at, language)}</time> {one.author ?? '—'}{' '}
                {n === 0 && <Tag>{t('audience_current')}</Tag>}
              </p>
              <p className="quiet small">
                {one.name}：{one.sentence[language]}
              </p>
            </div>
            {n > 0 && onTake && (
              <Button size="small" onClick={() => onTake(one)}>
                {t('audience_restore')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Deeds({ audience }: { audience: NamedAudience }) {
  const { t } = useWords();
  const { person } = useSession();
  const { modal } = App.useApp();
  const go = useNavigate();
  const { busy, run } = useDeed(async () => undefined);
  if (!may(person, 'campaign')) return null;
  const forget = (): void => {
    modal.confirm({
      title: t('audience_ask_forget', { name: audience.name }),
      content: t('audience_sure_forget'),
      okText: t('audience_forget'),
      okButtonProps: { danger: true },
      cancelText: t('back'),
      onOk: async () => {
        if (await run(() => audiences.forget(audience.id), t('audience_forgot'))) void go('/audiences');
      },
    });
  };
  return (
    <div className="page-actions">
      <Button type="primary" onClick={() => void go(`/campaigns/new?audience=${audience.id}`)}>
        {t('audience_use')}
      </Button>
      <Button danger loading={busy} onClick={forget}>
        {t('audience_forget')}
      </Button>
    </div>
  );
}

function sameAs(one: Group, other: Group): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
