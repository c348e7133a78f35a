import { Button, Result } from 'antd';
import { Component, type ReactNode } from 'react';
import { useWords } from '../words/words.tsx';

/** Catches a bug in the screens below, so that a person sees a sentence and a button, not a white page. */
export class Failed extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    return this.state.error ? <Sorry error={this.state.error} /> : this.props.children;
  }
}

function Sorry({ error }: { error: Error }) {
  const { t } = useWords();
  return (
    <div className="centre">
      <Result
        status="error"
        title={t('crashed')}
        subTitle={t('crashedMore')}
        extra={
          <Button type="primary" onClick={() => location.reload()}>
            {t('reload')}
          </Button>
        }
      >
        <code>{error.message}</code>
      </Result>
    </div>
  );
}
