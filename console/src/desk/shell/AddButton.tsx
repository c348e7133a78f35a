import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useNavigate } from 'react-router';
import { useShortcuts } from './shortcuts.tsx';

/** The way to something new, by the button and by the key N; there is none for those who may not. */
export function AddButton({ to, words, isAllowed }: { to: string; words: string; isAllowed: boolean }) {
  const go = useNavigate();
  const add = (): void => void go(to);
  useShortcuts({ add: () => isAllowed && add() });
  if (!isAllowed) return null;
  return (
    <Button type="primary" icon={<PlusOutlined />} onClick={add} title={`${words} (N)`}>
      {words}
    </Button>
  );
}
