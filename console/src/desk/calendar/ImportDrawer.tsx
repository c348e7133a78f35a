import { FileTextOutlined } from '@ant-design/icons';
import { Alert, App, Button, Drawer, Input } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useRef, useState } from 'react';
import { calendars, MOST_CSV, MOST_SOURCE } from '../api/calendar.ts';
import { ApiError } from '../api/http.ts';
import { useWords } from '../words/words.tsx';
import { lineOf, rangeOf, readText } from './month.ts';

const EXAMPLE = `exchange,day,sessions,source
SHFE,2027-02-05,09:00-10:15 10:30-11:30 13:30-15:00,
SHFE,2027-02-08,,
`;

interface Props {
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface Wrong {
  words: string;
  /** The line it is about, as it was handed in. */
  line: { n: number; text: string } | null;
}

/** Days out of a CSV: chosen or pasted, mended in place where the service names a line that is wrong. */
export function ImportDrawer({ onClose, onDone }: Props) {
  const { t, explain } = useWords();
  const { message } = App.useApp();
  const [csv, setCsv] = useState('');
  const [source, setSource] = useState('');
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [busy, setBusy] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const field = useRef<TextAreaRef>(null);
  const write = (text: string): void => {
    setCsv(text);
    setWrong(null);
  };
  const take = async (file: File | undefined): Promise<void> => {
    const text = file && (await readText(file));
    if (text === null) setWrong({ words: t('calendar_unreadable'), line: null });
    else if (text !== undefined) write(text);
  };
  const show = (problem: unknown): void => {
    const n = problem instanceof ApiError ? lineOf(problem.messageEn) : null;
    setWrong({ words: explain(problem), line: n ? { n, text: csv.split('\n')[n - 1] ?? '' } : null });
    const area = field.current?.resizableTextArea?.textArea;
    if (!n || !area) return;
    area.focus();
    area.setSelectionRange(...rangeOf(csv, n));
  };
  const submit = async (): Promise<void> => {
    if (!csv.trim()) return setWrong({ words: t('calendar_empty'), line: null });
    if (csv.length > MOST_CSV) return setWrong({ words: t('calendar_tooLong', { most: MOST_CSV }), line: null });
    setBusy(true);
    try {
      const n = await calendars.take(csv, source.trim());
      void message.success(t('calendar_imported', { n }));
      await onDone();
      onClose();
    } catch (problem) {
      show(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Drawer
      open
      size={620}
      mask={{ closable: csv === '' }}
      keyboard={csv === ''}
      title={t('calendar_importTitle')}
      onClose={onClose}
      footer={
        <div className="page-actions">
          <Button type="primary" loading={busy} onClick={() => void submit()}>
            {t('calendar_doImport')}
          </Button>
          <Button onClick={onClose}>{t('cancel')}</Button>
        </div>
      }
    >
      <div
        className="stack"
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
        }}
      >
        <p className="quiet">{t('calendar_importLead')}</p>
        <div className="page-actions">
          <Button icon={<FileTextOutlined />} onClick={() => picker.current?.click()}>
            {t('calendar_pickFile')}
          </Button>
          <Button type="link" onClick={() => write(EXAMPLE)}>
            {t('calendar_example')}
          </Button>
          <input
            ref={picker}
            hidden
            type="file"
            accept=".csv,text/csv,text/plain"
            data-testid="calendar-file"
            onChange={(event) => {
              void take(event.target.files?.[0]);
              event.target.value = '';
            }}
          />
        </div>
        {wrong && (
          <Alert
            type="error"
            showIcon
            title={wrong.words}
            description={
              wrong.line && (
                <>
                  {t('calendar_wrongLine', { n: wrong.line.n })} <code className="words">{wrong.line.text}</code>
                </>
              )
            }
          />
        )}
        <label className="labelled">
          <span className="label">{t('calendar_csv')}</span>
          <Input.TextArea
            ref={field}
            className="csv"
            rows={14}
            wrap="off"
            spellCheck={false}
            value={csv}
            onChange={(event) => write(event.target.value)}
          />
          <small className="quiet">{t('calendar_csvHint')}</small>
        </label>
        <label className="labelled">
          <span className="label">{t('calendar_source')}</span>
          <Input value={source} maxLength={MOST_SOURCE} onChange={(event) => setSource(event.target.value)} />
          <small className="quiet">{t('calendar_sourceHint')}</small>
        </label>
      </div>
    </Drawer>
  );
}
