import { LockOutlined } from '@ant-design/icons';
import { Button, Input, Select, type GetRef } from 'antd';
import { useRef } from 'react';
import type { ContentLists, Variant } from '../api/content.ts';
import { Labelled } from '../campaign/Labelled.tsx';
import { useWords } from '../words/words.tsx';

const ARMS = ['a', 'b', 'c', 'd'];
const EXPOSED = ['sms', 'wechat'];

interface Props {
  variant: Variant;
  lists: ContentLists;
  onChange: (part: Partial<Variant>) => void;
}

/** The words for one channel, language and arm; fields are inserted where the cursor stands. */
export function VariantFields({ variant, lists, onChange }: Props) {
  const { t, say, language } = useWords();
  const area = useRef<GetRef<typeof Input.TextArea>>(null);
  const insert = (name: string): void => {
    const field = area.current?.resizableTextArea?.textArea;
    const at = field?.selectionStart ?? variant.body.length;
    onChange({ body: `${variant.body.slice(0, at)}{{ ${name} }}${variant.body.slice(at)}` });
    field?.focus();
  };
  const isExposed = EXPOSED.includes(variant.channel);
  return (
    <div className="form">
      <div className="columns">
        <Labelled label={t('content_channel')}>
          <Select
            aria-label={t('content_channel')}
            value={variant.channel}
            options={lists.channels.map((value) => ({ value, label: say('channel', value) }))}
            onChange={(channel) => onChange({ channel, subject: '', template: null, fields: {} })}
          />
        </Labelled>
        <Labelled label={t('content_language')}>
          <Select
            aria-label={t('content_language')}
            value={variant.language}
            options={lists.languages.map((value) => ({ value, label: say('language', value) }))}
            onChange={(value) => onChange({ language: value })}
          />
        </Labelled>
        <Labelled label={t('campaign_arm')}>
          <Select
            aria-label={t('campaign_arm')}
            value={variant.arm}
            options={ARMS.map((value) => ({ value, label: value.toUpperCase() }))}
            onChange={(arm) => onChange({ arm })}
          />
        </Labelled>
      </div>
      {variant.channel === 'email' && (
        <Labelled label={t('content_subject')}>
          <Input
            aria-label={t('content_subject')}
            maxLength={200}
            value={variant.subject}
            onChange={(event) => onChange({ subject: event.target.value })}
          />
        </Labelled>
      )}
      {isExposed && (
        <Labelled label={t('content_template')} hint={t('content_templateHint')}>
          <Input
            aria-label={t('content_template')}
            maxLength={64}
            value={variant.template ?? ''}
            onChange={(event) => onChange({ template: event.target.value.trim() || null })}
          />
        </Labelled>
      )}
      <Labelled label={t('content_body')}>
        <Input.TextArea
          ref={area}
          aria-label={t('content_body')}
          autoSize={{ minRows: 5, maxRows: 16 }}
          value={variant.body}
          onChange={(event) => onChange({ body: event.target.value })}
        />
      </Labelled>
      <Labelled label={t('content_fields')} hint={t('content_fieldsHint')}>
        <span className="tags">
          {lists.fields.map((field) => (
            <Button
              key={field.name}
              size="small"
              disabled={field.is_private && isExposed}
              icon={field.is_private ? <LockOutlined /> : null}
              onClick={() => insert(field.name)}
            >
              {field[language]}
            </Button>
          ))}
        </span>
      </Labelled>
    </div>
  );
}
