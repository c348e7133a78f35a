/** The widget's few pictures, drawn in the text's colour and hidden from screen readers: a label is always beside. */
import type { JSX } from 'preact';

function icon(path: string, viewBox = '0 0 24 24') {
  return function Icon(): JSX.Element {
    return (
      <svg
        class="icon"
        viewBox={viewBox}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
      >
        <path d={path} />
      </svg>
    );
  };
}

export const ChatIcon = icon(
  'M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-9l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM8 9.5h8M8 13h5',
);
export const CloseIcon = icon('M6 6l12 12M18 6L6 18');
export const SendIcon = icon('M12 19V5M5.5 11.5L12 5l6.5 6.5');
export const DownIcon = icon('M6 9l6 6 6-6');
export const ClockIcon = icon('M12 7v5l3 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z');
export const TickIcon = icon('M5 12.5l4.5 4.5L19 7.5');
export const TicksIcon = icon('M2 12.5l4.5 4.5L16 7.5M11.5 16l1 1L22 7.5');
export const UpIcon = icon(
  'M7 11v9H4v-9zM7 11l4.5-7c1.5 0 2.3 1.2 2 2.6L13 10h5.3c1.2 0 2 1.1 1.7 2.2l-1.6 6A2.4 2.4 0 0 1 16 20H7',
);
export const DownThumbIcon = icon(
  'M17 13V4h3v9zM17 13l-4.5 7c-1.5 0-2.3-1.2-2-2.6L11 14H5.7c-1.2 0-2-1.1-1.7-2.2l1.6-6A2.4 2.4 0 0 1 8 4h9',
);
