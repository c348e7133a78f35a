import { Form, Input } from 'antd';
import { useWords } from '../words/words.tsx';

/** Why: it goes on the record, so it must say something. */
export function WhyField({ label, hint }: { label: string; hint?: string }) {
  const { t } = useWords();
  return (
    <Form.Item
      name="why"
      label={label}
      extra={hint}
      rules={[{ required: true, whitespace: true, min: 2, message: t('merge_whyMissing') }]}
    >
      <Input.TextArea autoFocus={!hint} rows={2} maxLength={200} />
    </Form.Item>
  );
}
