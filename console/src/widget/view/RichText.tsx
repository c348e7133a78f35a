import { Fragment, type JSX } from 'preact';
import { parseBlocks, type Inline } from '../../shared/richtext.ts';

/** A text with its line breaks, lists and links; every string becomes a text node, never markup. */
export function RichText({ text }: { text: string }): JSX.Element {
  return (
    <>
      {parseBlocks(text).map((block, index) => {
        if (block.kind === 'lines')
          return (
            <p key={index}>
              {block.lines.map((line, at) => (
                <Fragment key={at}>
                  {at > 0 && <br />}
                  <Line parts={line} />
                </Fragment>
              ))}
            </p>
          );
        const items = block.items.map((item, at) => (
          <li key={at}>
            <Line parts={item} />
          </li>
        ));
        return block.kind === 'ordered' ? (
          <ol key={index} start={block.start}>
            {items}
          </ol>
        ) : (
          <ul key={index}>{items}</ul>
        );
      })}
    </>
  );
}

function Line({ parts }: { parts: Inline[] }): JSX.Element {
  return (
    <>
      {parts.map((part, index) =>
        part.kind === 'text' ? (
          <Fragment key={index}>{part.text}</Fragment>
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        ),
      )}
    </>
  );
}
