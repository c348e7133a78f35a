import { SendOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useEffect, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { countCharacters, TEXT_LIMIT } from '../../shared/content.ts';
import { useWords } from '../words/words.tsx';

const TYPING_EVERY_MS = 3_000;
/** What was being written in each conversation: looking into another ticket loses nothing. */
const unsent = new Map<string, string>();

interface Props {
  conversationId: string;
  field: Ref<{ focus: () => void }>;
  disabled: boolean;
  onSend: (text: string) => void;
  onTyping: () => void;
}

export function Composer({ conversationId, field, disabled, onSend, onTyping }: Props) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const typedAt = useRef(0);
  useEffect(() => setText(unsent.get(conversationId) ?? ''), [conversationId]);
  const write = (next: string): void => {
    setText(next);
    unsent.set(conversationId, next);
    if (next === '' || Date.now() - typedAt.current < TYPING_EVERY_MS) return;
    typedAt.current = Date.now();
    onTyping();
  };
  const over = countCharacters(text) - TEXT_LIMIT;
  const ready = !disabled && text.trim() !== '' && over <= 0;
  const send = (): void => {
    if (!ready) return;
    onSend(text.trim());
    write('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Escape') event.currentTarget.blur();
    // 229: the input method has the key; its Enter ends a pinyin word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="composer">
      <Input.TextArea
        ref={field as never}
        value={text}
        disabled={disabled}
        placeholder={t('compose')}
        aria-label={t('compose')}
        autoSize={{ minRows: 2, maxRows: 8 }}
        status={over > 0 ? 'error' : ''}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer-foot">
        <span className="bad" role="status">
          {over > 0 ? t('tooLong', { n: over }) : ''}
        </span>
        <Button type="primary" icon={<SendOutlined />} disabled={!ready} onClick={send}>
          {t('send')}
        </Button>
      </div>
    </div>
  );
}
