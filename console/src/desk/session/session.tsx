import { Spin } from 'antd';
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import * as api from '../api/desk.ts';
import { ApiError, onSignedOut, useCsrf } from '../api/http.ts';
import { Live } from '../api/live.ts';
import type { Person, Role, Session } from '../api/types.ts';
import { Failure } from '../shell/Failure.tsx';
import { SignIn } from './SignIn.tsx';

interface SignedIn {
  person: Person;
  live: Live;
  signOut: () => Promise<void>;
}

type Phase =
  | { name: 'asking' }
  | { name: 'failed'; error: unknown }
  | { name: 'out'; expired: boolean }
  | { name: 'in'; session: Session };

const SessionContext = createContext<SignedIn | null>(null);

/** Who is signed in; shows the sign-in page to anybody else, and again when the session ends. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [phase, setPhase] = useState<Phase>({ name: 'asking' });
  const enter = useCallback((session: Session) => {
    useCsrf(session.csrf);
    setPhase({ name: 'in', session });
  }, []);
  const ask = useCallback(() => {
    setPhase({ name: 'asking' });
    api.session.get().then(enter, (error: unknown) => {
      const unknown = error instanceof ApiError && error.status === 401;
      setPhase(unknown ? { name: 'out', expired: false } : { name: 'failed', error });
    });
  }, [enter]);
  useEffect(ask, [ask]);
  useEffect(() => onSignedOut(() => setPhase({ name: 'out', expired: true })), []);

  if (phase.name === 'asking')
    return (
      <div className="centre">
        <Spin size="large" />
      </div>
    );
  if (phase.name === 'failed')
    return (
      <div className="centre">
        <Failure error={phase.error} retry={ask} />
      </div>
    );
  if (phase.name === 'out') return <SignIn expired={phase.expired} onSession={enter} />;
  return (
    <Inside
      session={phase.session}
      leave={() => setPhase({ name: 'out', expired: false })}
      expire={() => setPhase({ name: 'out', expired: true })}
    >
      {children}
    </Inside>
  );
}

interface InsideProps {
  session: Session;
  leave: () => void;
  expire: () => void;
  children: ReactNode;
}

function Inside({ session, leave, expire, children }: InsideProps) {
  const [live] = useState(() => new Live(expire));
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  const value = useMemo(
    () => ({ person: session.person, live, signOut: () => api.session.close().then(leave, leave) }),
    [session.person, live],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession(): SignedIn {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession is called where nobody is signed in');
  return session;
}

/** Whether this person leads: gives tickets to others, looks at channels, undoes a wrong binding. */
export function mayLead(person: Person): boolean {
  return person.roles.some((role) => role === 'supervisor' || role === 'admin');
}

const RIGHTS = {
  serve: ['agent', 'supervisor', 'admin'],
  watch: ['supervisor', 'admin'],
  book: ['marketing', 'supervisor', 'admin'],
  studio: ['marketing', 'approver', 'admin'],
  campaign: ['marketing', 'admin'],
  journeys: ['marketing', 'approver', 'supervisor', 'admin'],
  journey: ['marketing', 'supervisor', 'admin'],
  release: ['approver', 'supervisor', 'admin'],
  staff: ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Right = keyof typeof RIGHTS;

/** Whether this person may `serve` clients, `watch` channels and the client `book`, see the `studio` and write a `campaign`, see `journeys`, write and `release` them, keep the logins of `staff`. */
export function may(person: Person, right: Right): boolean {
  return RIGHTS[right].some((role) => person.roles.includes(role));
}

/** Whether this person may change how the house is set up. */
export function mayAdminister(person: Person): boolean {
  return person.roles.includes('admin');
}
