import { Form, Input } from 'antd';
import type { Detail } from '../api/channel.ts';
import { useWords } from '../words/words.tsx';
import { labelOf } from './account.ts';

/** The fields of an account as its provider names them: what must be given first, what has a default folded away. */
export function Fields({ details, account }: { details: readonly Detail[]; account: boolean }) {
  const { t } = useWords();
  const needed = details.filter((detail) => detail.default === null);
  const optional = details.filter((detail) => detail.default !== null);
  return (
    <>
      {needed.map((detail) => (
        <Field key={detail.name} detail={detail} />
      ))}
      {optional.length > 0 && (
        <details className="form-more" open={account}>
          <summary>{t('form_optional')}</summary>
          {optional.map((detail) => (
            <Field key={detail.name} detail={detail} />
          ))}
        </details>
      )}
    </>
  );
}

interface FieldProps {
  detail: Detail;
  /** In a rotation no field has to be filled in. */
  optional?: boolean;
}

export function Field({ detail, optional = false }: FieldProps) {
  const { t, language } = useWords();
  const label = labelOf(detail, language);
  const required = detail.default === null && !optional;
  const hints = [language === 'en' ? detail.en : '', detail.secret && !optional ? t('form_secretHint') : ''];
  const more = {
    maxLength: 4000,
    autoComplete: detail.secret ? 'new-password' : 'off',
    placeholder: detail.default ?? '',
  };
  return (
    <Form.Item
      name={['details', detail.name]}
      label={label}
      extra={hints.filter(Boolean).join(' · ')}
      rules={[{ required, whitespace: true, message: t('form_missing', { what: label }) }]}
    >
      {detail.secret ? <Input.Password {...more} /> : <Input {...more} />}
    </Form.Item>
  );
}
