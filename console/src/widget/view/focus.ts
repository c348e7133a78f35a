const FOCUSABLE = 'button:not(:disabled), textarea, a[href], [tabindex="0"]';

/** Let Tab run around inside `box`: past the last element it comes to the first, and the other way with Shift. */
export function keepFocusInside(box: HTMLElement, event: KeyboardEvent): void {
  const stops = [...box.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((stop) => stop.getClientRects().length > 0);
  const first = stops[0];
  const last = stops.at(-1);
  const active = (box.getRootNode() as ShadowRoot).activeElement;
  if (event.shiftKey && active === first) last?.focus();
  else if (!event.shiftKey && active === last) first?.focus();
  else return;
  event.preventDefault();
}
