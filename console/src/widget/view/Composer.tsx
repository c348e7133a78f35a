import type { JSX, RefObject, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { countCharacters, TEXT_LIMIT } from '../../shared/content.ts';
import { useChat } from './context.ts';
import { SendIcon } from './icons.tsx';

const SHOW_COUNT_FROM = TEXT_LIMIT - 200;

/** Where the client writes. Enter sends, Shift+Enter breaks the line, and Enter that ends a pinyin word does neither. */
export function Composer({ field }: { field: RefObject<HTMLTextAreaElement | null> }): JSX.Element {
  const { session, t } = useChat();
  const [text, setText] = useState('');
  const over = countCharacters(text) - TEXT_LIMIT;
  const ready = text.trim() !== '' && over <= 0;

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, 120)}px`;
  }, [text]);

  const send = (): void => {
    if (!ready) return;
    session.say(text.trim());
    setText('');
    field.current?.focus();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    // 229: the input method has the key. Some browsers end the composition before they report Enter.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {over > -200 && text.length >= SHOW_COUNT_FROM && (
        <p class={over > 0 ? 'count over' : 'count'} role="status">
          {over > 0 ? t('tooLong', { n: over }) : t('left', { n: -over })}
        </p>
      )}
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder={t('placeholder')}
          aria-label={t('compose')}
          enterkeyhint="send"
          aria-invalid={over > 0}
          onKeyDown={onKeyDown}
          onInput={(event) => {
            setText(event.currentTarget.value);
            session.typing();
          }}
        />
        <button type="submit" class="send" disabled={!ready} aria-label={t('send')} title={t('send')}>
          <SendIcon />
        </button>
      </div>
    </form>
  );
}
