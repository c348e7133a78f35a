import { h, type JSX } from 'preact';
import { drawBlocks } from '../../shared/richview.ts';

/** A text with its line breaks, lists and links. */
export function RichText({ text }: { text: string }): JSX.Element {
  return <>{drawBlocks<JSX.Element>(text, (name, props, ...children) => h(name, props, ...children))}</>;
}
