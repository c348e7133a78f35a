import { useWords } from '../words/words.tsx';

/** The house's mark and name. */
export function Brand({ large = false }: { large?: boolean }) {
  const { t } = useWords();
  return (
    <div className={large ? 'brand large' : 'brand'}>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#c3272b" />
        <path d="M8 9h16v11h-8l-5 4v-4H8z" fill="#fff" />
      </svg>
      <span>{t('product')}</span>
      {large && <small>{t('tagline')}</small>}
    </div>
  );
}
