import type { ReactNode } from 'react';

/** A field of a form with its name over it and a word on it below. */
export function Labelled({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="labelled">
      <span className="label">{label}</span>
      {children}
      {hint && <small className="quiet">{hint}</small>}
    </div>
  );
}
