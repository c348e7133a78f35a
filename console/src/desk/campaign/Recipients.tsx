import { Alert, Button, Drawer, Skeleton, Table } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { campaigns, type Recipient } from '../api/campaign.ts';
import { useWords } from '../words/words.tsx';

const PAGE = 50;

interface Props {
  campaignId: string;
  asked: { reason: string; title: string } | null;
  onClose: () => void;
}

/** Who was not reached for one reason, masked, a page at a time. */
export function Recipients({ campaignId, asked, onClose }: Props) {
  const { t, say, explain } = useWords();
  const [rows, setRows] = useState<Recipient[] | null>(null);
  const [more, setMore] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const reason = asked?.reason ?? null;
  const read = useCallback(
    async (after?: string) => {
      if (!reason) return;
      try {
        const page = await campaigns.recipients(campaignId, reason, after);
        setRows((before) => (after && before ? [...before, ...page] : page));
        setMore(page.length === PAGE);
        setError(null);
      } catch (problem) {
        setError(problem);
      }
    },
    [campaignId, reason],
  );
  useEffect(() => {
    setRows(null);
    void read();
  }, [read]);
  return (
    <Drawer open={asked !== null} onClose={onClose} size={560} title={asked?.title} destroyOnHidden>
      {error !== null && <Alert type="error" showIcon title={explain(error)} />}
      {!rows && error === null && <Skeleton active />}
      {rows && (
        <Table
          size="small"
          rowKey="client_id"
          pagination={false}
          dataSource={rows}
          columns={[
            { title: t('card_client_no'), dataIndex: 'client_no' },
            { title: t('card_name'), dataIndex: 'name' },
            { title: t('menu_channels'), render: (_, one) => (one.channel ? say('channel', one.channel) : '—') },
            { title: t('campaign_state'), render: (_, one) => say('recipient', one.message ?? one.state) },
          ]}
        />
      )}
      {more && (
        <p className="more">
          <Button type="link" onClick={() => void read(rows?.at(-1)?.client_id)}>
            {t('more')}
          </Button>
        </p>
      )}
    </Drawer>
  );
}
