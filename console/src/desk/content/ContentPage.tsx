import { App, Button, Descriptions, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { contents, type ContentDeed, type ContentEntry, type ContentInFull } from '../api/content.ts';
import { SendBackDialog } from '../campaign/Deeds.tsx';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { ContentState } from './ContentList.tsx';
import { ContentPreview } from './ContentPreview.tsx';

/** One version of a content: as clients see it, what it is about, its versions, and what this person may do. */
export function ContentPage() {
  const { t } = useWords();
  const { contentId = '' } = useParams();
  const source = useLoad(useCallback(() => contents.get(contentId), [contentId]));
  const content = source.data?.content;
  return (
    <Page
      title={content?.title ?? t('content')}
      lead={<Link to="/contents">← {t('contents')}</Link>}
      source={source}
      actions={content && <Deeds content={content} onDone={source.reload} />}
    >
      {(data) => (
        <div className="halves">
          <div className="stack">
            <Facts content={data.content} />
            <Versions versions={data.versions} at={data.content.id} />
          </div>
          <div className="sheet">
            <h2>{t('preview')}</h2>
            <ContentPreview
              key={data.content.id}
              contentId={data.content.id}
              channels={data.content.channels}
              arms={[...new Set(data.content.variants.map((one) => one.arm))].sort()}
            />
          </div>
        </div>
      )}
    </Page>
  );
}

function Facts({ content }: { content: ContentInFull }) {
  const { t, say, language } = useWords();
  const items = [
    { label: t('campaign_state'), children: <ContentState state={content.state} /> },
    { label: t('content_key'), children: <code>{content.key}</code> },
    { label: t('content_category'), children: say('category', content.category) },
    {
      label: t('content_tags'),
      children: content.tags.length ? content.tags.map((tag) => <Tag key={tag}>{tag}</Tag>) : '—',
    },
    {
      label: t('content_minRiskLabel'),
      children: content.min_risk ? t('content_minRisk', { level: content.min_risk }) : t('content_anyRisk'),
    },
    { label: t('campaign_author'), children: content.is_shipped ? t('content_shipped') : (content.author ?? '—') },
    { label: t('campaign_approver'), children: content.approver ?? '—' },
    ...(content.valid_until
      ? [{ label: t('campaign_notAfter'), children: shortMoment(content.valid_until, language) }]
      : []),
  ];
  return (
    <div className="sheet">
      <Descriptions column={1} size="small" colon={false} items={items} styles={{ label: { width: 110 } }} />
    </div>
  );
}

function Versions({ versions, at }: { versions: readonly ContentEntry[]; at: string }) {
  const { t, language } = useWords();
  return (
    <section className="sheet">
      <h2>{t('content_versions')}</h2>
      <ul className="rows">
        {versions.map((one) => (
          <li key={one.id}>
            {one.id === at ? (
              <strong>{t('content_version', { n: one.version })}</strong>
            ) : (
              <Link to={`/contents/${one.id}`}>{t('content_version', { n: one.version })}</Link>
            )}
            <ContentState state={one.state} />
            <span className="quiet">
              {one.author ?? t('content_shipped')} {shortMoment(one.created_at, language)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Deeds({ content, onDone }: { content: ContentInFull; onDone: () => Promise<void> }) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const go = useNavigate();
  const [asking, setAsking] = useState(false);
  const { busy, run } = useDeed(onDone);
  const { id, deeds } = content;
  const has = (deed: string): boolean => deeds.includes(deed);
  const act = (deed: ContentDeed): Promise<boolean> => run(() => contents.do(id, deed), t(`content_did_${deed}`));
  const ask = (deed: 'approve' | 'retire'): void => {
    modal.confirm({
      title: t(`content_ask_${deed}`, { name: content.title }),
      content: t(`content_sure_${deed}`),
      okText: t(`content_do_${deed}`),
      okButtonProps: { danger: deed === 'retire' },
      cancelText: t('back'),
      onOk: () => act(deed),
    });
  };
  const copy = async (): Promise<void> => {
    let made = '';
    if (await run(async () => (made = (await contents.copy(id)).id), t('content_copied')))
      void go(`/contents/${made}/edit`);
  };
  return (
    <div className="page-actions">
      {has('approve') && (
        <Button type="primary" loading={busy} onClick={() => ask('approve')}>
          {t('content_do_approve')}
        </Button>
      )}
      {has('submit') && (
        <Button type="primary" loading={busy} onClick={() => void act('submit')}>
          {t('content_do_submit')}
        </Button>
      )}
      {has('edit') && <Button onClick={() => void go(`/contents/${id}/edit`)}>{t('edit')}</Button>}
      {has('send_back') && content.state === 'review' && (
        <Button onClick={() => setAsking(true)}>{t('sendBack')}</Button>
      )}
      {has('copy') && <Button onClick={() => void copy()}>{t('content_copy')}</Button>}
      {has('retire') && (
        <Button danger onClick={() => ask('retire')}>
          {t('content_do_retire')}
        </Button>
      )}
      <SendBackDialog
        open={asking}
        busy={busy}
        onSubmit={async (note) => {
          if (await run(() => contents.sendBack(id, note), t('sentBack'))) setAsking(false);
        }}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
