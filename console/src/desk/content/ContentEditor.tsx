import { Alert, Button, Input, Select, Skeleton, Tabs } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { contents, type ContentDraft, type ContentLists, type Preview, type Variant } from '../api/content.ts';
import { RISK_LEVELS } from '../audience/expression.ts';
import { Labelled } from '../campaign/Labelled.tsx';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { Phone } from './Phone.tsx';
import { VariantFields } from './VariantFields.tsx';

const KEY = /^[a-z][a-z0-9_]{1,59}$/;
const SETTLE_MS = 400;
const NEW: ContentDraft = {
  key: '',
  title: '',
  category: 'marketing',
  tags: [],
  min_risk: null,
  product_type: null,
  stages: [],
  valid_until: null,
  variants: [makeVariant('push')],
};

export function makeVariant(channel: string, arm = 'a'): Variant {
  return { channel, language: 'zh', arm, subject: '', body: '', template: null, fields: {} };
}

/** Write a content, or change one's own draft, and see at once what becomes of it on each channel. */
export function ContentEditor() {
  const { t } = useWords();
  const { contentId = null } = useParams();
  const load = useCallback(async (): Promise<{ lists: ContentLists; draft: ContentDraft }> => {
    const [lists, known] = await Promise.all([contents.lists(), contentId ? contents.get(contentId) : null]);
    if (!known) return { lists, draft: NEW };
    const { key, title, category, tags, min_risk, product_type, stages, valid_until, variants } = known.content;
    return { lists, draft: { key, title, category, tags, min_risk, product_type, stages, valid_until, variants } };
  }, [contentId]);
  const source = useLoad(load);
  return (
    <Page title={t(contentId ? 'content_edit' : 'content_new')} source={source}>
      {({ lists, draft }) => <Form id={contentId} lists={lists} first={draft} />}
    </Page>
  );
}

function Form({ id, lists, first }: { id: string | null; lists: ContentLists; first: ContentDraft }) {
  const { t } = useWords();
  const go = useNavigate();
  const [draft, setDraft] = useState(first);
  const [at, setAt] = useState(0);
  const { busy, run } = useDeed(async () => undefined);
  const change = (part: Partial<ContentDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const isWhole = KEY.test(draft.key) && draft.title.trim() !== '' && draft.variants.every((one) => one.body.trim());
  const save = async (): Promise<void> => {
    let made = id;
    const act = async (): Promise<void> => {
      if (id) await contents.change(id, draft);
      else made = (await contents.create(draft)).id;
    };
    if (await run(act, t('content_saved'))) void go(`/contents/${made}`);
  };
  const variant = draft.variants[Math.min(at, draft.variants.length - 1)];
  return (
    <>
      <div className="halves">
        <div className="stack">
          <About draft={draft} lists={lists} isNew={id === null} change={change} />
          <Variants draft={draft} lists={lists} at={at} onAt={setAt} change={change} />
        </div>
        <div className="sheet">
          <h2>{t('preview')}</h2>
          {variant && <LivePreview draft={draft} variant={variant} isWhole={isWhole} />}
        </div>
      </div>
      <footer className="wizard-foot">
        <Button onClick={() => void go(id ? `/contents/${id}` : '/contents')}>{t('cancel')}</Button>
        <span className="gap" />
        <Button type="primary" loading={busy} disabled={!isWhole} onClick={() => void save()}>
          {t('content_save')}
        </Button>
      </footer>
    </>
  );
}

interface AboutProps {
  draft: ContentDraft;
  lists: ContentLists;
  isNew: boolean;
  change: (part: Partial<ContentDraft>) => void;
}

function About({ draft, lists, isNew, change }: AboutProps) {
  const { t, say } = useWords();
  const isWrong = draft.key !== '' && !KEY.test(draft.key);
  return (
    <div className="sheet form">
      <Labelled label={t('content_title')}>
        <Input
          aria-label={t('content_title')}
          maxLength={100}
          value={draft.title}
          onChange={(event) => change({ title: event.target.value })}
        />
      </Labelled>
      <Labelled label={t('content_key')} hint={isWrong ? '' : t('content_keyHint')}>
        <Input
          aria-label={t('content_key')}
          maxLength={60}
          spellCheck={false}
          disabled={!isNew}
          status={isWrong ? 'error' : ''}
          value={draft.key}
          onChange={(event) => change({ key: event.target.value })}
        />
        {isWrong && <small className="bad">{t('content_keyWrong')}</small>}
      </Labelled>
      <div className="columns">
        <Labelled label={t('content_category')}>
          <Select
            aria-label={t('content_category')}
            value={draft.category}
            options={lists.categories.map((value) => ({ value, label: say('category', value) }))}
            onChange={(category) => change({ category })}
          />
        </Labelled>
        <Labelled label={t('content_minRiskLabel')} hint={t('content_minRiskHint')}>
          <Select
            aria-label={t('content_minRiskLabel')}
            value={draft.min_risk ?? ''}
            options={[
              { value: '', label: t('content_anyRisk') },
              ...RISK_LEVELS.map((value) => ({ value: value as string, label: value as string })),
            ]}
            onChange={(level) => change({ min_risk: level || null })}
          />
        </Labelled>
      </div>
      <Labelled label={t('content_tags')}>
        <Select
          mode="tags"
          aria-label={t('content_tags')}
          value={draft.tags}
          onChange={(tags: string[]) => change({ tags })}
        />
      </Labelled>
    </div>
  );
}

interface VariantsProps {
  draft: ContentDraft;
  lists: ContentLists;
  at: number;
  onAt: (at: number) => void;
  change: (part: Partial<ContentDraft>) => void;
}

function Variants({ draft, lists, at, onAt, change }: VariantsProps) {
  const { t, say } = useWords();
  const { variants } = draft;
  const put = (n: number, part: Partial<Variant>): void =>
    change({ variants: variants.map((one, index) => (index === n ? { ...one, ...part } : one)) });
  const add = (): void => {
    const free = lists.channels.find((channel) => !variants.some((one) => one.channel === channel));
    change({ variants: [...variants, free ? makeVariant(free) : makeVariant('push', 'b')] });
    onAt(variants.length);
  };
  return (
    <div className="sheet">
      <Tabs
        type="editable-card"
        size="small"
        activeKey={String(Math.min(at, variants.length - 1))}
        onChange={(key) => onAt(Number(key))}
        onEdit={(key, action) => {
          if (action === 'add') return add();
          onAt(0);
          return change({ variants: variants.filter((_, n) => String(n) !== key) });
        }}
        items={variants.map((one, n) => ({
          key: String(n),
          closable: variants.length > 1,
          label: [say('channel', one.channel), one.language === 'en' && 'EN', one.arm !== 'a' && one.arm.toUpperCase()]
            .filter(Boolean)
            .join(' · '),
          children: <VariantFields variant={one} lists={lists} onChange={(part) => put(n, part)} />,
        }))}
        aria-label={t('content_variants')}
      />
    </div>
  );
}

/** What becomes of the words as they are being written; the service's own rules speak, too. */
function LivePreview({ draft, variant, isWhole }: { draft: ContentDraft; variant: Variant; isWhole: boolean }) {
  const { t, explain } = useWords();
  const [shown, setShown] = useState<{ preview: Preview | null; error: unknown } | null>(null);
  const key = JSON.stringify(draft);
  const { channel, language, arm } = variant;
  useEffect(() => {
    if (!isWhole) return undefined;
    let isWanted = true;
    const timer = setTimeout(() => {
      contents.preview(JSON.parse(key) as ContentDraft, channel, language, arm).then(
        (preview) => isWanted && setShown({ preview, error: null }),
        (error: unknown) => isWanted && setShown((before) => ({ preview: before?.preview ?? null, error })),
      );
    }, SETTLE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [key, channel, language, arm, isWhole]);
  if (!isWhole) return <p className="quiet">{t('content_missing')}</p>;
  if (!shown) return <Skeleton active />;
  return (
    <div className="stack" aria-live="polite">
      {shown.error !== null && <Alert type="error" showIcon title={explain(shown.error)} />}
      {shown.preview && <Phone preview={shown.preview} />}
    </div>
  );
}
