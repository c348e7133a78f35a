import type { Preview } from '../api/content.ts';
import { money } from '../studio/figure.ts';
import { useWords } from '../words/words.tsx';

/** What a client sees on a channel, in the frame of a telephone, and what it takes. */
export function Phone({ preview }: { preview: Preview }) {
  const { t, say, language } = useWords();
  return (
    <figure className={`phone ${preview.channel}`} data-testid={`preview-${preview.channel}`}>
      <div className="screen">
        <p className="screen-head">{say('channel', preview.channel)}</p>
        <Shown preview={preview} />
      </div>
      <figcaption>
        <Measure preview={preview} />
        {preview.missing.length > 0 && (
          <p className="warn">
            {t('preview_missing', { fields: preview.missing.map((one) => one[language]).join(t('comma')) })}
          </p>
        )}
      </figcaption>
    </figure>
  );
}

function Shown({ preview }: { preview: Preview }) {
  const { t } = useWords();
  const { lock_screen: lock, template, subject, spoken, text } = preview;
  if (template)
    return (
      <div className="said-card">
        <strong>{t('preview_template', { code: template.code })}</strong>
        <dl>
          {Object.entries(template.values).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {preview.channel === 'sms' && <p className="words">{text}</p>}
      </div>
    );
  if (lock)
    return (
      <>
        <div className="said-card">
          <strong>{lock.title}</strong>
          <p className="words">{lock.body}</p>
        </div>
        <p className="screen-note">{t('preview_inApp')}</p>
        <div className="said-card">
          <p className="words">{text}</p>
        </div>
      </>
    );
  return (
    <div className="said-card">
      {subject && <strong>{subject}</strong>}
      <p className="words">{spoken ?? text}</p>
    </div>
  );
}

function Measure({ preview }: { preview: Preview }) {
  const { t, language } = useWords();
  const parts = [
    preview.sms && t('preview_sms', { units: preview.sms.units, parts: preview.sms.parts }),
    preview.spoken !== undefined && t('preview_voice', { n: preview.spoken.length }),
    preview.cost === null
      ? t('figure_noPrice')
      : preview.cost > 0
        ? t('preview_cost', { cost: money(preview.cost, language) })
        : t('preview_free'),
  ];
  return <p className="quiet">{parts.filter(Boolean).join(' · ')}</p>;
}
