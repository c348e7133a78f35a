import { SwapOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Form, Result, Tag } from 'antd';
import { useCallback, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { merges, type Comparison } from '../api/merge.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { useWords } from '../words/words.tsx';
import { differs, FIELDS, listOf, movesOf, saidOf } from './record.ts';
import { WhyField } from './WhyField.tsx';

/** Two records side by side: what differs, what would move, and the way to make them one. */
export function ComparePage() {
  const { t } = useWords();
  const { keptId = '', goneId = '' } = useParams();
  const go = useNavigate();
  const source = useLoad(useCallback(() => merges.compare(keptId, goneId), [keptId, goneId]));
  const [moved, setMoved] = useState<Record<string, number> | null>(null);
  return (
    <Page
      title={t('merge_compareTitle')}
      lead={<Link to="/book/merges">← {t('merge_back')}</Link>}
      source={source}
      actions={
        !moved && (
          <Button
            icon={<SwapOutlined />}
            onClick={() => void go(`/book/merges/${goneId}/${keptId}`, { replace: true })}
          >
            {t('merge_swap')}
          </Button>
        )
      }
    >
      {(data) =>
        moved ? (
          <Merged moved={moved} />
        ) : (
          <div className="audience-step">
            <SideBySide data={data} />
            <MergeForm key={data.kept.id} data={data} onMerged={setMoved} />
          </div>
        )
      }
    </Page>
  );
}

function SideBySide({ data }: { data: Comparison }) {
  const words = useWords();
  const { t } = words;
  const { kept, gone } = data;
  return (
    <div className="sheet side-by-side">
      <table>
        <thead>
          <tr>
            <th scope="col">{t('merge_field')}</th>
            <th scope="col">
              <Tag color="success">{t('merge_kept')}</Tag>
            </th>
            <th scope="col">
              <Tag>{t('merge_gone')}</Tag>
            </th>
          </tr>
        </thead>
        <tbody>
          {FIELDS.map((field) => (
            <tr key={field} data-field={field}>
              <th scope="row">
                {t(`merge_f_${field}`)} {differs(field, kept, gone) && <Tag color="warning">{t('merge_differs')}</Tag>}
              </th>
              <td>{saidOf(field, kept, words)}</td>
              <td>{saidOf(field, gone, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet small">{t('merge_maskedNote')}</p>
    </div>
  );
}

interface Given {
  why: string;
  sure?: boolean;
}

function MergeForm({ data, onMerged }: { data: Comparison; onMerged: (moved: Record<string, number>) => void }) {
  const words = useWords();
  const { t, language } = words;
  const { busy, run } = useDeed(async () => undefined);
  const [form] = Form.useForm<Given>();
  const moves = movesOf(data.moves, words);
  const submit = async ({ why, sure = false }: Given): Promise<void> => {
    let moved: Record<string, number> = {};
    const act = async (): Promise<void> => {
      moved = (await merges.merge(data.kept.id, data.gone.id, why.trim(), sure)).moved;
    };
    if (await run(act, t('merge_done'))) onMerged(moved);
  };
  return (
    <div className="sheet stack count-panel">
      <h2 className="sheet-title">{t('merge_will')}</h2>
      {moves.length === 0 ? (
        <p>{t('merge_willNothing')}</p>
      ) : (
        <ul className="rows" data-testid="moves">
          {moves.map((one) => (
            <li key={one}>
              <span>{one}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="quiet small">{t('merge_willStay')}</p>
      {data.refusal ? (
        <Alert type="error" showIcon title={data.refusal[language]} />
      ) : (
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={(given) => void submit(given)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.submit();
          }}
        >
          {!data.is_alike && (
            <>
              <Alert type="warning" showIcon title={t('merge_phonesDiffer')} />
              <Form.Item
                name="sure"
                valuePropName="checked"
                rules={[
                  {
                    validator: (_, value: boolean | undefined) =>
                      value ? Promise.resolve() : Promise.reject(new Error(t('merge_sureMissing'))),
                  },
                ]}
              >
                <Checkbox>{t('merge_sure')}</Checkbox>
              </Form.Item>
            </>
          )}
          <WhyField label={t('merge_why')} hint={t('merge_whyHint')} />
          <Button type="primary" htmlType="submit" loading={busy}>
            {t('merge_do')}
          </Button>
        </Form>
      )}
    </div>
  );
}

function Merged({ moved }: { moved: Record<string, number> }) {
  const words = useWords();
  const { t } = words;
  const what = listOf(movesOf(moved, words), words);
  return (
    <Result
      status="success"
      title={t('merge_done')}
      subTitle={
        <>
          <p>{what ? t('merge_doneMoved', { what }) : t('merge_nothingMoved')}</p>
          <p>{t('merge_doneMore')}</p>
        </>
      }
      extra={
        <Link to="/book/merges">
          <Button type="primary">{t('merge_toList')}</Button>
        </Link>
      }
    />
  );
}
