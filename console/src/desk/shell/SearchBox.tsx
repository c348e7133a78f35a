import { Input } from 'antd';
import type { ReactNode } from 'react';
import { useWords } from '../words/words.tsx';

interface Props {
  hint: string;
  onSearch: (wanted: string) => void;
  /** Other filters, before the field. */
  children?: ReactNode;
}

/** A field above a list that keeps the lines in which the words are found. */
export function SearchBox({ hint, onSearch, children }: Props) {
  const { t } = useWords();
  return (
    <div className="filters">
      {children}
      <Input.Search
        allowClear
        aria-label={t('search')}
        placeholder={hint}
        onChange={(event) => onSearch(event.target.value.trim())}
      />
    </div>
  );
}
