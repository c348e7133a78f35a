import { Button, Result } from 'antd';
import { useWords } from '../words/words.tsx';

/** Something did not load: what the service said, and another try. */
export function Failure({ error, retry }: { error: unknown; retry: () => void }) {
  const { t, explain } = useWords();
  return (
    <Result
      className="failure"
      status="warning"
      title={t('loadFailed')}
      subTitle={explain(error)}
      extra={
        <Button type="primary" onClick={retry}>
          {t('retry')}
        </Button>
      }
    />
  );
}
