import { Form, Input, Select } from 'antd';
import type { Target, Webhook, WebhookKind } from '../api/webhook.ts';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';
import { isOfOrders } from './webhook.ts';

interface Props {
  /** Null where the dialog is shut. */
  title: string | null;
  /** The webhook that is changed; absent for a new one. */
  one?: Webhook | null;
  kinds: readonly WebhookKind[];
  busy: boolean;
  onSubmit: (target: Target) => Promise<void>;
  onClose: () => void;
}

interface Given {
  url: string;
  kinds: string[];
  source?: string;
}

/** Where a system is told, of what, and of whose orders. */
export function WebhookDialog({ title, one, kinds, busy, onSubmit, onClose }: Props) {
  const { t, language } = useWords();
  return (
    <FormDialog<Given>
      open={title !== null}
      title={title ?? ''}
      okText={t('hook_save')}
      busy={busy}
      initialValues={{ url: one?.url ?? 'https://', kinds: one?.kinds ?? [], source: one?.source ?? '' }}
      onSubmit={({ url, kinds: chosen, source = '' }) =>
        onSubmit({ url: url.trim(), kinds: chosen, source: source.trim() || null })
      }
      onClose={onClose}
    >
      <Form.Item
        name="url"
        label={t('hook_url')}
        extra={t('hook_urlHint')}
        rules={[{ required: true, pattern: /^https?:\/\/[^\s/]+/, message: t('hook_needUrl') }]}
      >
        <Input autoComplete="off" spellCheck={false} maxLength={500} />
      </Form.Item>
      <Form.Item
        name="kinds"
        label={t('hook_kinds')}
        rules={[{ required: true, type: 'array', min: 1, message: t('hook_needKind') }]}
      >
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          options={kinds.map((kind) => ({ value: kind.name, label: `${kind[language]} · ${kind.name}` }))}
        />
      </Form.Item>
      <Form.Item noStyle dependencies={['kinds']}>
        {({ getFieldValue }) => (
          <Form.Item
            name="source"
            label={t('hook_source')}
            extra={t('hook_sourceHint')}
            rules={[
              {
                required: isOfOrders((getFieldValue('kinds') as string[] | undefined) ?? []),
                message: t('hook_needSource'),
              },
              { pattern: /^[a-z0-9_.-]{1,40}$/, message: t('hook_badSource') },
            ]}
          >
            <Input autoComplete="off" spellCheck={false} maxLength={40} />
          </Form.Item>
        )}
      </Form.Item>
    </FormDialog>
  );
}
