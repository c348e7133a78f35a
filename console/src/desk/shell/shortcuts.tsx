import { Modal } from 'antd';
import { useEffect, useRef } from 'react';
import { useWords } from '../words/words.tsx';

type ViewKey = 'view1' | 'view2' | 'view3' | 'view4';

export type Shortcut =
  ViewKey | 'next' | 'previous' | 'take' | 'reply' | 'handBack' | 'resolve' | 'client' | 'add' | 'help';

const KEYS: readonly (readonly [string, Shortcut])[] = [
  ['j', 'next'],
  ['k', 'previous'],
  ['t', 'take'],
  ['r', 'reply'],
  ['b', 'handBack'],
  ['e', 'resolve'],
  ['c', 'client'],
  ['n', 'add'],
  ['?', 'help'],
  ['1', 'view1'],
  ['2', 'view2'],
  ['3', 'view3'],
  ['4', 'view4'],
];

/** A dialog that is fading out is no longer open: the next key is meant for the page. */
const OPEN_DIALOG =
  '.ant-modal-wrap:not([style*="display: none"]) .ant-modal:not([class*="-leave"], [style*="display: none"]), ' +
  '.ant-drawer-open .picture';

/** Run actions on single keys, unless somebody is writing, a dialog is open, or a modifier is held. */
export function useShortcuts(actions: Partial<Record<Shortcut, () => void>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isBusy(event.target)) return;
      const found = KEYS.find(([key]) => key === event.key.toLowerCase());
      const action = found && latest.current[found[1]];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isBusy(target: EventTarget | null): boolean {
  const writing =
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  return writing || document.querySelector(OPEN_DIALOG) !== null;
}

export function ShortcutHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  const rows = [
    ...KEYS.flatMap(([key, name]) => (isView(name) ? [] : [[key.toUpperCase(), t(`key_${name}`)] as const])),
    ['1 – 4', t('key_view')] as const,
    ['Ctrl+Enter', t('key_submit')] as const,
    ['Esc', t('key_leave')] as const,
  ];
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t('shortcuts')} width={400}>
      <dl className="keys">
        {rows.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

function isView(name: Shortcut): name is ViewKey {
  return name.startsWith('view');
}
