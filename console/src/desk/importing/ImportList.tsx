import { InboxOutlined } from '@ant-design/icons';
import { Alert, Empty, Spin, Table, Tag, Upload, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { shortMoment } from '../../shared/moment.ts';
import { imports, MOST_BYTES, type ClientImport } from '../api/importing.ts';
import { Page } from '../shell/Page.tsx';
import { useLoad } from '../shell/useLoad.ts';
import { count } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';

const COLOURS: Readonly<Record<string, string>> = { checked: 'processing', imported: 'success' };

/** The room of imports: hand a file in, and see what became of earlier ones. */
export function ImportList() {
  const { t } = useWords();
  const source = useLoad(imports.list);
  return (
    <Page title={t('imports')} lead={t('imports_lead')} source={source}>
      {(data) => (
        <>
          <DropFile />
          <h2 className="sheet-title">{t('imports_past')}</h2>
          <Rows rows={data.imports} />
        </>
      )}
    </Page>
  );
}

/** Where a file is dropped or chosen; what is wrong with it is said here. */
function DropFile() {
  const { t, explain } = useWords();
  const go = useNavigate();
  const [reading, setReading] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const take = async (file: File): Promise<void> => {
    if (file.size > MOST_BYTES) return setWrong(t('import_tooLarge'));
    setReading(file.name);
    setWrong(null);
    try {
      const look = await imports.open(file);
      await go(`/book/imports/${look.id}`);
    } catch (error) {
      setWrong(explain(error));
    } finally {
      setReading(null);
    }
  };
  return (
    <div className="stack">
      <Upload.Dragger
        accept=".xlsx,.csv,.txt"
        showUploadList={false}
        disabled={reading !== null}
        beforeUpload={(file) => {
          void take(file);
          return Upload.LIST_IGNORE;
        }}
      >
        <p className="ant-upload-drag-icon">{reading === null ? <InboxOutlined /> : <Spin size="large" />}</p>
        <p className="ant-upload-text" role="status">
          {reading === null ? t('import_drop') : t('import_reading', { name: reading })}
        </p>
        <p className="ant-upload-hint">{t('import_dropMore')}</p>
      </Upload.Dragger>
      {wrong !== null && <Alert type="error" showIcon title={wrong} />}
    </div>
  );
}

function Rows({ rows }: { rows: ClientImport[] }) {
  const { t, say, language } = useWords();
  const columns: TableColumnsType<ClientImport> = [
    {
      title: t('import_file'),
      render: (_, one) => (
        <Link to={`/book/imports/${one.id}`} className="file-name" data-import={one.file_name}>
          {one.file_name}
        </Link>
      ),
    },
    { title: t('import_person'), width: 120, render: (_, one) => one.person },
    { title: t('import_when'), width: 150, render: (_, one) => shortMoment(one.ended_at ?? one.at, language) },
    {
      title: t('import_rows'),
      width: 100,
      align: 'right',
      render: (_, one) => (one.rows > 0 ? count(one.rows, language) : '—'),
    },
    {
      title: t('import_good'),
      width: 100,
      align: 'right',
      render: (_, one) => (one.rows > 0 ? count(one.good, language) : '—'),
    },
    {
      title: t('import_state'),
      width: 110,
      render: (_, one) => <Tag color={COLOURS[one.state] ?? 'default'}>{say('import_is', one.state)}</Tag>,
    },
    {
      title: '',
      width: 90,
      render: (_, one) => (
        <Link to={`/book/imports/${one.id}`}>{t(one.state === 'checked' ? 'import_goOn' : 'import_look')}</Link>
      ),
    },
  ];
  return (
    <Table
      rowKey="id"
      size="middle"
      columns={columns}
      dataSource={rows}
      scroll={{ x: 820 }}
      pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
      locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('imports_none')} /> }}
    />
  );
}
