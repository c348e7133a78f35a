import { createElement, type ReactNode } from 'react';
import { drawBlocks } from '../../shared/richview.ts';

/** A text with its line breaks, lists and links. */
export function RichText({ text }: { text: string }) {
  return drawBlocks<ReactNode>(text, (name, props, ...children) => createElement(name, props, ...children));
}
