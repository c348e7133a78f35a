import { Button, Result } from 'antd';
import { Link } from 'react-router';
import { useWords } from '../words/words.tsx';

export function NotFound() {
  const { t } = useWords();
  return (
    <div className="centre">
      <Result
        status="404"
        title={t('notFound')}
        subTitle={t('notFoundMore')}
        extra={
          <Link to="/">
            <Button type="primary">{t('goHome')}</Button>
          </Link>
        }
      />
    </div>
  );
}
