import { Alert, App, Button, Checkbox, Skeleton, Table, Tag, type TableColumnsType } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import type { CampaignInFull } from '../api/campaign.ts';
import { letters, type Failure, type Newer, type Replayed } from '../api/letter.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { may, useSession } from '../session/session.tsx';
import { Failure as LoadFailure } from '../shell/Failure.tsx';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';
import { AddressDialog } from './AddressDialog.tsx';
import { fixOf, isCorrectable, isOfAccount, type Kind } from './failure.ts';

const PAGE = 100;

interface Props {
  campaign: CampaignInFull;
  kind: Kind;
  newer: Newer | null;
  onDone: () => Promise<void>;
}

/** The messages of one kind, what to do about them, and sending them again: chosen ones, or all. */
export function Failures(props: Props) {
  const { campaign, kind, onDone } = props;
  const { t } = useWords();
  const { person } = useSession();
  const { rows, error, hasMore, read } = usePages(campaign.id, kind.kind);
  const [chosen, setChosen] = useState<string[]>([]);
  const [wrong, setWrong] = useState<Failure | null>(null);
  const mayReplay = may(person, 'campaign') && campaign.state !== 'cancelled';
  return (
    <section className="sheet stack" aria-label={t('dead')}>
      <Remedy kind={kind} />
      {mayReplay && <Replay {...props} chosen={chosen} />}
      {error !== null && <LoadFailure error={error} retry={() => void read()} />}
      {!rows && error === null && <Skeleton active />}
      {rows && (
        <Rows
          rows={rows}
          chosen={mayReplay ? chosen : null}
          onChoose={(ids) => setChosen(ids.slice(0, PAGE))}
          onCorrect={setWrong}
        />
      )}
      <AddressDialog one={wrong} onClose={() => setWrong(null)} onDone={onDone} />
      {hasMore && (
        <p className="more">
          <Button type="link" onClick={() => void read(rows?.at(-1)?.id)}>
            {t('more')}
          </Button>
        </p>
      )}
    </section>
  );
}

function usePages(campaignId: string, kind: string) {
  const [rows, setRows] = useState<Failure[] | null>(null);
  const [hasMore, setHasMore] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const read = useCallback(
    async (after?: string) => {
      try {
        const page = await letters.list(campaignId, kind, after);
        setRows((before) => (after && before ? [...before, ...page] : page));
        setHasMore(page.length === PAGE);
        setError(null);
      } catch (problem) {
        setError(problem);
      }
    },
    [campaignId, kind],
  );
  useEffect(() => void read(), [read]);
  return { rows, error, hasMore, read };
}

function Remedy({ kind }: { kind: Kind }) {
  const { t } = useWords();
  const { person } = useSession();
  const toChannels = isOfAccount(kind.kind) && may(person, 'watch');
  return (
    <>
      {kind.isDoubtful && <Alert type="warning" showIcon title={t('dead_unsureHint')} />}
      <Alert
        type="info"
        showIcon
        title={t('dead_fix', { how: t(fixOf(kind.kind)) })}
        action={toChannels && <Link to="/channels">{t('dead_toChannels')}</Link>}
      />
    </>
  );
}

interface ReplayProps extends Props {
  chosen: string[];
}

function Replay({ campaign, kind, chosen, newer, onDone }: ReplayProps) {
  const { t, language } = useWords();
  const { modal } = App.useApp();
  const { busy, run } = useDeed(onDone);
  const whole = kind.count - kind.barred;
  const [isNewer, setIsNewer] = useState(kind.kind === 'content');
  const how = { doubtful: kind.isDoubtful, version: newer && isNewer ? newer.version : undefined };
  const send = (n: number, act: () => Promise<Replayed>): void => {
    let done: Replayed = { queued: 0, left: [], next: null };
    const said = (): string => {
      const queued = done.queued ? t('dead_queued', { n: count(done.queued, language) }) : t('dead_nothing');
      const left = done.left.map((one) => t('dead_leftWhy', { n: count(one.count, language), why: one[language] }));
      return left.length ? t('dead_left', { queued, left: left.join(t('comma')) }) : queued;
    };
    modal.confirm({
      title: t('dead_ask', { n: count(n, language) }),
      content: t(kind.isDoubtful ? 'dead_askUnsure' : 'dead_askSure'),
      okText: t(kind.isDoubtful ? 'dead_yesUnsure' : 'dead_yes'),
      okButtonProps: { danger: kind.isDoubtful },
      autoFocusButton: kind.isDoubtful ? 'cancel' : 'ok',
      cancelText: t('back'),
      onOk: () => run(async () => (done = await act()), said),
    });
  };
  const { id } = campaign;
  return (
    <div className="page-actions">
      <Button
        type={kind.isDoubtful ? 'default' : 'primary'}
        danger={kind.isDoubtful}
        loading={busy}
        disabled={whole === 0}
        onClick={() => send(whole, () => letters.replayAll(id, kind.kind, how))}
      >
        {t('dead_replayAll', { n: count(whole, language) })}
      </Button>
      <Button
        disabled={chosen.length === 0}
        danger={kind.isDoubtful}
        loading={busy}
        onClick={() => send(chosen.length, () => letters.replay(id, chosen, how))}
      >
        {t('dead_replayChosen', { n: count(chosen.length, language) })}
      </Button>
      {newer && (
        <Checkbox checked={isNewer} onChange={(event) => setIsNewer(event.target.checked)}>
          {t('dead_newer', { n: newer.version })}
        </Checkbox>
      )}
    </div>
  );
}

interface RowsProps {
  rows: Failure[];
  /** Null where this person sends nothing again. */
  chosen: string[] | null;
  onChoose: (ids: string[]) => void;
  onCorrect: (one: Failure) => void;
}

function Rows({ rows, chosen, onChoose, onCorrect }: RowsProps) {
  const { t, say, language } = useWords();
  const columns: TableColumnsType<Failure> = [
    {
      title: t('dead_client'),
      render: (_, one) => (
        <>
          {one.name || '—'} <span className="quiet">{one.client_no}</span>
        </>
      ),
    },
    { title: t('menu_channels'), render: (_, one) => `${say('channel', one.channel)} · ${one.account}` },
    { title: t('dead_code'), render: (_, one) => <code className="small">{one.reason ?? '—'}</code> },
    { title: t('dead_attempts'), dataIndex: 'attempts', align: 'right' },
    {
      title: t('dead_at'),
      render: (_, one) => (one.at ? <time dateTime={one.at}>{shortMoment(one.at, language)}</time> : '—'),
    },
    { title: t('dead_mark'), render: (_, one) => <Marks one={one} /> },
  ];
  if (chosen)
    columns.push({
      render: (_, one) =>
        isCorrectable(one) && (
          <Button type="link" size="small" onClick={() => onCorrect(one)}>
            {t('dead_correct')}
          </Button>
        ),
    });
  return (
    <Table<Failure>
      size="small"
      rowKey="id"
      pagination={false}
      scroll={{ x: 'max-content' }}
      columns={columns}
      dataSource={rows}
      locale={{ emptyText: t('dead_noneHere') }}
      {...(chosen
        ? {
            rowSelection: {
              selectedRowKeys: chosen,
              onChange: (keys) => onChoose(keys.map(String)),
              getCheckboxProps: (one) => ({
                disabled: one.barred !== null,
                'aria-label': `${one.name} ${one.client_no}`,
              }),
            },
          }
        : {})}
    />
  );
}

function Marks({ one }: { one: Failure }) {
  const { t, language } = useWords();
  return (
    <span className="tags">
      {one.is_mended && <Tag color="success">{t('dead_mended')}</Tag>}
      {one.barred && <Tag>{t('dead_barred', { why: one.barred[language] })}</Tag>}
      {one.may_have_arrived && <Tag color="warning">{t('dead_doubt')}</Tag>}
    </span>
  );
}
