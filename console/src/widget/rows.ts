/** Lays the state out as the rows of the message list: day separators, notes, messages, what is still on its way. */
import type { Message } from '../shared/content.ts';
import { dayKey } from '../shared/moment.ts';
import type { FloorNote, Pending, State } from './state.ts';

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'note'; key: string; note: FloorNote }
  | { kind: 'message'; key: string; message: Message; first: boolean; newest: boolean }
  | { kind: 'pending'; key: string; pending: Pending; first: boolean };

/** Return the rows from oldest to newest. `first` marks the first bubble of one speaker in a run. */
export function rowsOf(state: Pick<State, 'messages' | 'pending' | 'notes'>): Row[] {
  const rows: Row[] = [];
  let day = '';
  let speaker = '';
  const open = (at: string): void => {
    if (dayKey(at) === day) return;
    day = dayKey(at);
    speaker = '';
    rows.push({ kind: 'day', key: `day-${day}`, at });
  };
  const newest = state.messages.at(-1)?.seq;
  state.messages.forEach((message, index) => {
    open(message.at);
    const by = `${message.author}/${message.name ?? ''}`;
    rows.push({
      kind: 'message',
      key: `seq-${message.seq}`,
      message,
      first: by !== speaker,
      newest: message.seq === newest && state.pending.length === 0,
    });
    speaker = by;
    for (const note of notesAfter(state, index)) {
      rows.push({ kind: 'note', key: note.id, note });
      speaker = '';
    }
  });
  for (const pending of state.pending) {
    open(pending.at);
    rows.push({ kind: 'pending', key: `pending-${pending.client_msg_id}`, pending, first: speaker !== 'client/' });
    speaker = 'client/';
  }
  return rows;
}

/** The floor notes to show after a message; none where the service's own system line already tells it. */
function notesAfter(state: Pick<State, 'messages' | 'notes'>, index: number): FloorNote[] {
  const here = state.messages[index]!;
  const next = state.messages[index + 1];
  if (here.author === 'system' || next?.author === 'system') return [];
  return state.notes.filter((note) => note.afterSeq >= here.seq && (next === undefined || note.afterSeq < next.seq));
}
