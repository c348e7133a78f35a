import { App } from 'antd';
import { useState } from 'react';
import { useWords } from '../words/words.tsx';

export interface Deed {
  busy: boolean;
  /** Do something, say what was done or why not, and look again; false if it did not work. */
  run: (act: () => Promise<unknown>, done: string | (() => string)) => Promise<boolean>;
}

/** One change at a time, with its sentence at the end. */
export function useDeed(after: () => Promise<void>): Deed {
  const { explain } = useWords();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const run: Deed['run'] = async (act, done) => {
    setBusy(true);
    try {
      await act();
      void message.success(typeof done === 'string' ? done : done());
      await after();
      return true;
    } catch (error) {
      void message.error(explain(error), 8);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, run };
}
