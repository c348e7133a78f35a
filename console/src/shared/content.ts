/** What a message says: the JSON body that every room of Zhida shares (kernel/message.py). */

/** A button: `title` is shown, `payload` goes back when it is tapped. */
export interface Choice {
  title: string;
  payload: string;
}

export interface CardRow {
  label: string;
  value: string;
}

/** A small table under a reply. */
export interface Card {
  title?: string;
  rows?: CardRow[];
  note?: string;
}

export interface Media {
  id?: string;
  url?: string;
  mime?: string;
  name?: string;
}

export type ContentKind = 'text' | 'image' | 'voice' | 'video' | 'file' | 'location' | 'link' | 'event' | 'card';

export interface Content {
  kind: ContentKind;
  text?: string;
  choices?: Choice[];
  card?: Card;
  article?: { key: string; title?: string };
  feedback?: boolean;
  media?: Media;
}

export type Author = 'client' | 'bot' | 'agent' | 'system';

/** Who may speak in a conversation now. */
export type Floor = 'bot' | 'queue' | 'agent' | 'none';

export interface Message {
  seq: number;
  id: string;
  author: Author;
  name?: string | null;
  /** ISO 8601 with an offset. */
  at: string;
  content: Content;
  client_msg_id?: string;
}

/** The longest text, in characters (code points), that the service takes. */
export const TEXT_LIMIT = 2000;

/** Count characters as the service does: one for each code point, so an emoji is one or a few, never UTF-16 halves. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
