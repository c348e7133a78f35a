import { Alert, Button, Input, Tag } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { merges, type ClientRecord } from '../api/merge.ts';
import { useWords } from '../words/words.tsx';
import { chosenWith, nameOf } from './record.ts';
import { RecordLine } from './RecordLine.tsx';

/** Find any two records by their numbers, and lay them side by side. */
export function LookUp() {
  const { t, explain } = useWords();
  const go = useNavigate();
  const [found, setFound] = useState<ClientRecord[] | null>(null);
  const [chosen, setChosen] = useState<ClientRecord[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const search = async (number: string): Promise<void> => {
    if (!number.trim()) return;
    setBusy(true);
    setError(null);
    try {
      setFound(await merges.lookUp(number.trim()));
    } catch (problem) {
      setFound(null);
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const [first, second] = chosen;
  return (
    <section className="sheet stack" aria-label={t('merge_lookUp')}>
      <h2 className="sheet-title">{t('merge_lookUp')}</h2>
      <p className="quiet small">{t('merge_lookUpLead')}</p>
      <Input.Search
        aria-label={t('merge_number')}
        placeholder={t('merge_number')}
        enterButton={t('merge_find')}
        autoComplete="off"
        maxLength={40}
        loading={busy}
        onSearch={(number) => void search(number)}
      />
      {error !== null && <Alert type="error" showIcon title={explain(error)} />}
      {found?.length === 0 && <p role="status">{t('merge_foundNone')}</p>}
      {found && found.length > 0 && (
        <ul className="double">
          {found.map((one) => {
            const isChosen = chosen.some(({ id }) => id === one.id);
            return (
              <RecordLine key={one.id} one={one}>
                {isChosen && <Tag color="blue">{t('merge_chosen')}</Tag>}
                <Button size="small" onClick={() => setChosen(chosenWith(chosen, one))}>
                  {isChosen ? t('merge_unchoose') : t('merge_choose')}
                </Button>
              </RecordLine>
            );
          })}
        </ul>
      )}
      {first && (
        <div className="month-head" role="status">
          <span>
            {t('merge_chosenTitle')}：{chosen.map(nameOf).join(' / ')}
          </span>
          {second ? (
            <Button type="primary" onClick={() => void go(`/book/merges/${first.id}/${second.id}`)}>
              {t('merge_compare')}
            </Button>
          ) : (
            <small className="quiet">{t('merge_needTwo')}</small>
          )}
        </div>
      )}
    </section>
  );
}
